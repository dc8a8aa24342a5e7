import type { Imported } from '../../import/checked-draft.ts';
import type { Found } from '../../import/reading.ts';
import type { ResourceLabels } from '../../import/terraform/resource-labels.ts';
import { hanging, paragraph, widthOf } from '../../report/screen/screen.ts';
import type { LocalEffects } from '../surroundings/effects.ts';
import { tell } from '../surroundings/terminal.ts';

/** Prints what could not be read, the mistakes of the file, and everything live that is left out. */
export function tellLeft({ live }: Found, { draft, mistakes }: Imported): void {
  const width = widthOf(process.stderr);
  for (const line of live.unreadLines()) tell(paragraph(`warning: ${line}`, width).join('\n'));
  for (const { path, message, hint } of mistakes) {
    const place = path === '' ? '' : ` at ${path}`;
    const advice = hint === undefined ? '' : `. ${hint}`;
    tell(paragraph(`warning: the file has a mistake${place}: ${message}${advice}`, width).join('\n'));
  }
  for (const { what, reason } of draft.leftovers)
    tell(hanging(`left     ${what}: ${reason}`, width).join('\n'));
}

/** Prints `Imported 4 services, 1 client, 12 records; left 2. 31 calls to Cloudflare, 14 to Authentik, 2 visits`. */
export function tellSummary(
  { draft }: Imported,
  { calls }: Pick<LocalEffects, 'calls'>,
  { visits: { size: visits } }: Found,
): void {
  const { services = {}, clients = {}, dns = {} } = draft.file;
  const counted = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;
  const parts = [
    counted(Object.keys(services).length, 'service'),
    counted(Object.keys(clients).length, 'client'),
    counted(Object.values(dns).flat().length, 'record'),
  ];
  const { cloudflare, authentik } = calls();
  const asked = [
    `${counted(cloudflare.reads, 'call')} to Cloudflare`,
    ...(authentik.reads > 0 ? [`${authentik.reads} to Authentik`] : []),
    ...(visits > 0 ? [counted(visits, 'visit')] : []),
  ];
  tell(`Imported ${parts.join(', ')}; left ${draft.leftovers.length}. ${asked.join(', ')}`);
}

/** Prints how many objects of the state are live; a state of other systems has none. */
export function tellLabels(labels: ResourceLabels, { live }: Found): void {
  const count = labels.countIn(live);
  tell(
    count === 0
      ? 'warning: the Terraform state names nothing that is live here, so the file has no names from it'
      : `Terraform: ${count} of ${labels.size} records, applications, policies, tokens, providers and groups of the state are live`,
  );
}

/** Prints the commands that follow after a file was written. */
export function tellNext(file: string): void {
  tell(`Next: read ${file}, then \`gates plan --adopt --file ${file}\`, then \`gates adopt --file ${file}\``);
}
