/**
 * The variables that say where programs and temporary files are, and how text is printed; none that leads anywhere
 * else.
 */
const PASSED_ON = ['PATH', 'TMPDIR', 'LANG', 'TERM', 'NO_COLOR', 'FORCE_COLOR'];

/**
 * The environment of everything the demo starts. A token or a repository that the person at the terminal has set
 * for their real account must not reach it.
 */
export function surroundings(home: string): Record<string, string> {
  const passed = PASSED_ON.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(passed), HOME: home };
}
