import { manyServices } from './many-services.ts';

/** A file with 1,000 services and 10,000 records in 4 zones. */
export function largeFile(): string {
  const zones = ['a.example', 'b.example', 'c.example', 'd.example'];
  const text = manyServices(1000)
    .replace('zones: [example.dev]', `zones: [${zones.join(', ')}]`)
    .replaceAll(
      /host: s(\d+)\.example\.dev/g,
      (_, number: string) => `host: s${number}.${zones[Number(number) % 4]}`,
    );
  const records = Array.from(
    { length: 2500 },
    (_, index) => `    - { name: r${index}, type: TXT, content: "value ${index}" }`,
  ).join('\n');
  return `${text}\ndns:\n${zones.map((zone) => `  ${zone}:\n${records}`).join('\n')}\n`;
}
