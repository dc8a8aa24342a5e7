import type { Observed } from '../../core/objects/object.ts';

/** The words of a Terraform state for a live object. */
export interface ResourceLabel {
  /** `module.media.cloudflare_record.host["films"]`. */
  readonly address: string;
  /** Names for its entry, the best first. */
  readonly names: readonly string[];
  /** The module without its keys, `module.media`; empty for the root module. */
  readonly group: string;
  /** Its place in the state. */
  readonly place: number;
}

/** The labels of live objects. */
export interface LabelSource {
  of(object: Observed): ResourceLabel | undefined;
}

export const noLabels: LabelSource = { of: () => undefined };

/** The most characters of a line of addresses. */
const width = 100;

/** A source, and below it the lines with the addresses in the state. */
export function sourceWithLabels(source: string, labels: readonly ResourceLabel[]): string {
  const lines: string[] = [];
  for (const { address } of labels) {
    const line = lines.pop();
    if (line === undefined) lines.push(address);
    else if (line.length + address.length < width) lines.push(`${line}, ${address}`);
    else lines.push(`${line},`, address);
  }
  return [source, ...lines].join('\n');
}
