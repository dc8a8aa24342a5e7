/** True if a name cannot be the end of a variable: variables that end in `_FILE` name files. */
export function isFileName(name: string): boolean {
  return /(^|-)file$/.test(name);
}
