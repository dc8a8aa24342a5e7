export async function exit(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/** Ends the daemon's process: a step that does not end in the time after SIGTERM must not keep it alive. */
export async function endWith(code: Promise<number>): Promise<void> {
  process.exit(await code);
}
