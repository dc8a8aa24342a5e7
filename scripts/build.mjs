// Bundles the command line into dist/. Splitting loads the imports of each command only when it runs: `gates validate`
// must not load the Cloudflare SDK or the daemon.
import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';
import { notices } from './notices.mjs';

/** The commit of the build, for `gates_build_info`, from the environment or from git. */
function revision() {
  if (process.env.GATES_BUILD_REVISION) return process.env.GATES_BUILD_REVISION;
  try {
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return 'unknown';
  }
}

await rm('dist', { recursive: true, force: true });
const { metafile } = await build({
  entryPoints: { gates: 'src/cli/gates.ts', 'read-config': 'src/cli/surroundings/read-config.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  minifyWhitespace: true,
  metafile: true,
  define: { 'process.env.GATES_BUILD_REVISION': JSON.stringify(revision()) },
  chunkNames: 'chunks/[name]-[hash]',
  // CommonJS packages inside an ESM bundle still call require() and read __filename.
  banner: {
    js: [
      '#!/usr/bin/env node',
      "import { createRequire as __createRequire } from 'node:module';",
      "import { fileURLToPath as __fileURLToPath } from 'node:url';",
      'const require = __createRequire(import.meta.url);',
      'const __filename = __fileURLToPath(import.meta.url);',
    ].join('\n'),
  },
});
await writeFile('dist/THIRD_PARTY_LICENSES.txt', await notices(Object.keys(metafile.inputs)));
