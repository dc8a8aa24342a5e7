// Pins each image of a Dockerfile or a compose file by its digest, in place: `node scripts/pin-images.mjs Dockerfile
// …`. Run it in a CI that reaches the registries; with --check it writes nothing, and fails if a tag has moved or an
// image has no digest. The digests come from `docker buildx imagetools inspect`.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const check = process.argv.includes('--check');
const files = process.argv.slice(2).filter((argument) => argument !== '--check');
if (files.length === 0) {
  process.stderr.write('usage: node scripts/pin-images.mjs [--check] FILE…\n');
  process.exit(2);
}

/** @type {Map<string, string>} */
const digests = new Map();

/** @param {string} image with its tag */
function digestOf(image) {
  const known = digests.get(image);
  if (known !== undefined) return known;
  const command = ['buildx', 'imagetools', 'inspect', '--format', '{{.Manifest.Digest}}', image];
  const digest = execFileSync('docker', command, { encoding: 'utf8' }).trim();
  if (!/^sha256:[0-9a-f]{64}$/.test(digest)) throw new Error(`No digest of ${image}: ${digest}`);
  digests.set(image, digest);
  return digest;
}

/** @param {string} text */
function pinned(text) {
  // Stages of the same Dockerfile are not images.
  const stages = new Set([...text.matchAll(/^FROM\s+\S+\s+AS\s+(\S+)/gim)].map(([, name]) => name));
  return text.replace(
    /^(FROM\s+|\s*image:\s*)([^\s@#]+)(@sha256:[0-9a-f]{64})?/gim,
    (whole, before, image) => (stages.has(image) ? whole : `${before}${image}@${digestOf(image)}`),
  );
}

let moved = 0;
for (const file of files) {
  const before = readFileSync(file, 'utf8');
  const after = pinned(before);
  if (after === before) continue;
  moved += 1;
  process.stdout.write(`${file}: ${check ? 'not pinned, or its tag has moved on' : 'pinned'}\n`);
  if (!check) writeFileSync(file, after);
}
process.exit(check && moved > 0 ? 1 : 0);
