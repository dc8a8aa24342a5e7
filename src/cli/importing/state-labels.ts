import { createReadStream } from 'node:fs';
import { ConfigError } from '../../core/errors.ts';
import { ResourceLabels } from '../../import/terraform/resource-labels.ts';
import { mostStateBytes, stateResources } from '../../import/terraform/state-text.ts';

/**
 * The names of the live objects in a state of Terraform or OpenTofu; undefined without one.
 * @throws ConfigError if the file cannot be read, is too large, or is no state.
 */
export async function stateLabels(file: string | undefined): Promise<ResourceLabels | undefined> {
  return file === undefined ? undefined : new ResourceLabels(stateResources(await stateText(file)));
}

async function stateText(file: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    // A pipe (`/dev/stdin`) says its size only at its end.
    for await (const chunk of createReadStream(file)) {
      size += chunk.length;
      if (size > mostStateBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    throw new ConfigError(`The state ${file} cannot be read`, { hint: (cause as Error).message, cause });
  }
  if (size > mostStateBytes)
    throw new ConfigError(`The state ${file} is larger than ${mostStateBytes / 2 ** 20} MiB`, {
      hint: 'Name the state that has the records and applications',
    });
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\uFEFF/, '');
}
