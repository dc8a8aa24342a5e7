// Installs the commit hook in a developer's clone; does nothing in CI, in a package or where git is absent.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

if (existsSync('.git') && !process.env.CI) {
  try {
    execFileSync('npx', ['--no-install', 'lefthook', 'install'], { stdio: 'ignore' });
  } catch {
    // The hook is a convenience: `npm run check` and CI hold the same rules.
  }
}
