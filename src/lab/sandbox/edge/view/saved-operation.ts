import type { ApiOperation } from '../../state/world.ts';

/** A saved operation, prepared for comparisons. */
export interface SavedOperation {
  operation: ApiOperation;
  coversHost(host: string): boolean;
  coversPath(path: string): boolean;
}

/** The operations, the most literal first: `/v1/items/new` before `/v1/items/{var1}`. */
export function savedOperations(operations: readonly ApiOperation[]): SavedOperation[] {
  return operations
    .toSorted((left, right) => variablesIn(left) - variablesIn(right))
    .map((operation) => ({
      operation,
      coversHost: matcherOf(operation.host, '.'),
      coversPath: matcherOf(operation.endpoint, '/'),
    }));
}

/** The operation of a request, by its normalized path. */
export function operationFor(
  saved: readonly SavedOperation[],
  { method, host, path }: { method: string; host: string; path: string },
): ApiOperation | undefined {
  return saved.find(
    (each) => each.operation.method === method && each.coversHost(host) && each.coversPath(path),
  )?.operation;
}

function variablesIn({ host, endpoint }: ApiOperation): number {
  return (host + endpoint).split('{').length - 1;
}

/** A matcher for a template: a variable stands for one nonempty part; all other text must be equal. */
function matcherOf(template: string, separator: string): (text: string) => boolean {
  if (!template.includes('{')) return (text) => text === template;
  const wanted = template.split(separator);
  return (text) => {
    const parts = text.split(separator);
    return (
      parts.length === wanted.length &&
      wanted.every((part, at) => (part.startsWith('{') ? parts[at] !== '' : parts[at] === part))
    );
  };
}
