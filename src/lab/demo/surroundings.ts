/**
 * The variables for the places of programs and temporary files, and for the form of texts; no other variable is passed
 * on.
 */
const PASSED_ON = ['PATH', 'TMPDIR', 'LANG', 'TERM', 'NO_COLOR', 'FORCE_COLOR'];

/**
 * The environment of everything that the demo starts. A token or a repository that the person has set for their real
 * account must not reach it.
 */
export function surroundings(home: string): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), HOME: home };
}
