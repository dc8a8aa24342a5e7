import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import path from 'node:path';

const document = path.resolve(import.meta.dirname, '../../docs/performance.md');

/** A table of a benchmark, as Markdown. */
export interface Figures {
  /** Name of the comments in docs/performance.md that enclose the table: `<!-- name -->`, `<!-- /name -->`. */
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Prints a table and names the machine; with GATES_BENCH_WRITE=1, also writes it into docs/performance.md. */
export function showFigures({ name, columns, rows }: Figures): void {
  const [cpu] = cpus();
  const machine = `${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
  const lines = [columns, columns.map(() => '---'), ...rows];
  const table = lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
  process.stdout.write(`\n${machine}\n${table}\n`);
  if (process.env.GATES_BENCH_WRITE !== '1') return;
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const text = readFileSync(document, 'utf8');
  const [before = '', rest] = text.split(begin);
  const [, after] = text.split(end);
  if (rest === undefined || after === undefined) throw new Error(`${document} has no place for ${name}`);
  writeFileSync(document, `${before}${begin}\n\nMachine: ${machine}.\n\n${table}\n\n${end}${after}`);
}
