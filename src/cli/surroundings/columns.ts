/** Lays out texts for `COLUMNS` columns, as in POSIX, if no terminal says how wide it is. */
export function heedColumns({ COLUMNS }: NodeJS.ProcessEnv): void {
  const columns = Number(COLUMNS);
  if (!Number.isInteger(columns) || columns <= 0) return;
  for (const stream of [process.stdout, process.stderr]) stream.columns ??= columns;
}
