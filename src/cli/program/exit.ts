export async function exit(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/** For the daemon: a step that does not end in the time that SIGTERM leaves it must not keep the process. */
export async function endWith(code: Promise<number>): Promise<void> {
  process.exit(await code);
}
