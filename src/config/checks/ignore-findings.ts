import type { GatesFile } from '../../../schema/generated/config.ts';
import { type Finding, type Path, quoted } from '../mistakes/finding.ts';
import { ignorable, ignorableFields } from '../model/ignorable.ts';
import type { PartOf } from '../model/partial-file.ts';

type Section = keyof typeof ignorable;

/** Finds fields under `ignore` that only the file may decide. */
export function ignoreFindings({ services, clients, dns }: PartOf<GatesFile>): Finding[] {
  const named = (section: 'services' | 'clients', entries: PartOf<GatesFile>[typeof section]) =>
    Object.entries(entries ?? {}).flatMap(([name, entry]) =>
      fieldFindings(section, [section, name], entry?.ignore),
    );
  return [
    ...named('services', services),
    ...named('clients', clients),
    ...Object.entries(dns ?? {}).flatMap(([zone, records]) =>
      (records ?? []).flatMap((record, index) => fieldFindings('dns', ['dns', zone, index], record?.ignore)),
    ),
  ];
}

function fieldFindings(
  section: Section,
  entry: Path,
  fields: readonly (string | undefined)[] | undefined,
): Finding[] {
  const allowed = ignorableFields(section);
  const decided: Readonly<Record<string, string | undefined>> = ignorable[section];
  return (fields ?? []).flatMap((field, index): Finding[] => {
    if (field === undefined || allowed.includes(field)) return [];
    const reason = Object.hasOwn(decided, field) ? decided[field] : 'is no field that gates writes';
    return [
      {
        severity: 'error',
        rule: 'wrong-value',
        path: [...entry, 'ignore', index],
        message: `${quoted(field)} ${reason}`,
        hint: `take it out: \`ignore\` can name ${allowed.map((name) => `\`${name}\``).join(', ')} here`,
      },
    ];
  });
}
