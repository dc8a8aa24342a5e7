import type { Log, ReportingDescriptor, Run } from 'sarif';

/** A SARIF 2.1.0 document of one run of gates. `rules`: those that its results name by their index. */
export function sarifLog(
  version: string,
  rules: readonly ReportingDescriptor[],
  run: Omit<Run, 'tool'>,
): Log {
  const driver = { name: 'gates', semanticVersion: version, rules: [...rules] };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, ...run }],
  };
}
