import { makePaint, type Paint } from '../screen/paint.ts';
import { paragraph } from '../screen/screen.ts';
import {
  areas,
  type DoctorArea,
  type DoctorDocument,
  type DoctorFinding,
  type FindingState,
} from './doctor.ts';

const titles: Readonly<Record<DoctorArea, string>> = {
  file: 'The file',
  cloudflare: 'Cloudflare',
  tunnel: 'Tunnels',
  edge: 'What the internet meets',
  authentik: 'Authentik',
  both: 'Both systems',
};

const signs: Readonly<Record<FindingState, string>> = { ok: '✓', warning: '!', problem: '✗', unknown: '?' };

export interface DoctorTextOptions {
  readonly color: boolean;
  /** Columns of a line. */
  readonly width: number;
  /** Only warnings and problems. */
  readonly quiet: boolean;
}

/** Findings by area, each with the action to take; at the end the skipped checks, once for each reason. */
export function formatDoctor(document: DoctorDocument, { color, width, quiet }: DoctorTextOptions): string {
  const paint = makePaint(color);
  const shown = document.findings.filter(({ state }) => state !== 'unknown' && (!quiet || state !== 'ok'));
  const sections = areas.flatMap((area) => {
    const found = shown.filter((finding) => finding.area === area);
    if (found.length === 0) return [];
    return [paint.strong(titles[area]), ...found.flatMap((one) => lines(one, width, paint)), ''];
  });
  const unasked = quiet ? [] : unaskedLines(document.findings, width, paint);
  const end = paragraph(summary(document, paint), width);
  return `${[...sections, ...unasked, ...end].join('\n')}\n`;
}

function lines(finding: DoctorFinding, width: number, paint: Paint): readonly string[] {
  const { state, about, text, hint } = finding;
  const sign = tint(state, paint)(signs[state]);
  const textLines = paragraph(about === undefined ? text : `${about}: ${text}`, width, `  ${sign} `);
  return [...textLines, ...(state === 'ok' || hint === undefined ? [] : paragraph(hint, width, '    → '))];
}

function tint(state: FindingState, paint: Paint): (text: string) => string {
  if (state === 'ok') return paint.good;
  return state === 'problem' ? paint.bad : state === 'warning' ? paint.warn : paint.quiet;
}

function unaskedLines(findings: readonly DoctorFinding[], width: number, paint: Paint): readonly string[] {
  const unknown = findings.filter(({ state }) => state === 'unknown');
  if (unknown.length === 0) return [];
  const reasons = [...new Set(unknown.map(({ text }) => text))];
  const skippedLines = reasons.flatMap((reason) => {
    const same = unknown.filter(({ text }) => text === reason);
    const names = same.map(({ check, about }) => (about === undefined ? check : `${check} of ${about}`));
    const hint = same.find((one) => one.hint !== undefined)?.hint;
    return [
      ...paragraph(`${[...new Set(names)].join(', ')}: ${reason}`, width, `  ${paint.quiet('?')} `),
      ...(hint === undefined ? [] : paragraph(hint, width, '    → ')),
    ];
  });
  return [paint.strong('Skipped'), ...skippedLines, ''];
}

/** `1 problem, 2 warnings; 12 passed, 3 skipped.` */
function summary({ findings }: DoctorDocument, paint: Paint): string {
  const count = (state: FindingState) => findings.filter((one) => one.state === state).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const bad = `${counted(problems, 'problem')}, ${counted(warnings, 'warning')}`;
  const rest = `${count('ok')} passed, ${count('unknown')} skipped`;
  const paintWith = problems > 0 ? paint.bad : warnings > 0 ? paint.warn : paint.good;
  return paintWith(`${bad}; ${rest}.`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
