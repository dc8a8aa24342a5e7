/** Files that gates and its users write beside gates.yaml and that a repository must not have. */
const usual = ['/.state/', '/plan.md', '.env', '*.token'];

/**
 * The text of .gitignore with the lines that it lacks, below what it has; undefined if it lacks none. `stateFolder` is
 * the folder of GATES_STATE_DIR if it lies in this folder: it has the vault.
 */
export function ignoredFiles(
  existing: string | undefined,
  stateFolder: string | undefined,
): string | undefined {
  const had = existing?.split('\n').map((line) => line.trim()) ?? [];
  const wanted = [...usual, ...(stateFolder === undefined ? [] : [`/${stateFolder}/`])];
  const lacking = [...new Set(wanted)].filter((line) => !had.includes(line));
  if (lacking.length === 0) return undefined;
  const before = existing === undefined || existing === '' ? '' : `${existing.replace(/\n*$/, '')}\n\n`;
  return `${before}# State, plans and secrets of gates\n${lacking.join('\n')}\n`;
}
