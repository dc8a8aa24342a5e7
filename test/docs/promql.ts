/** The names in a PromQL expression that these checks need: metrics, and the labels of each. */
export interface Named {
  readonly metric: string;
  /** The labels in the metric's own braces. */
  readonly labels: readonly string[];
}

export interface Expression {
  readonly metrics: readonly Named[];
  /** The labels in `by`, `without`, `on`, `ignoring` and `group_left`, which belong to some of the metrics. */
  readonly groupings: readonly string[];
}

const WORDS = new Set([
  'and',
  'or',
  'unless',
  'by',
  'without',
  'on',
  'ignoring',
  'bool',
  'offset',
  'inf',
  'nan',
]);

/** Parses one expression; Grafana's variables count as values. */
export function readPromql(expression: string): Expression {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\$\{?\w+\}?/g, '1')
    .replace(/\[[^\]]*\]/g, '');
  const groupings: string[] = [];
  const ungrouped = bare.replace(
    /\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)/g,
    (_, list: string) => {
      groupings.push(
        ...list
          .split(',')
          .map((label) => label.trim())
          .filter(Boolean),
      );
      return ' ';
    },
  );
  const metrics: Named[] = [];
  for (const [, name = '', next = '', inside = ''] of ungrouped.matchAll(
    /([a-zA-Z_:][\w:]*)\s*(\(|\{([^}]*)\})?/g,
  )) {
    if (next === '(' || WORDS.has(name.toLowerCase())) continue;
    const labels = [...inside.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label);
    metrics.push({ metric: name, labels });
  }
  return { metrics, groupings };
}
