/** One instruction of a Dockerfile, with continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** The base: an image, or an earlier stage. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile. Throws if a stage has no name, or an instruction precedes the first stage. */
export function stagesOf(dockerfile: string): readonly Stage[] {
  const lines = dockerfile
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const stages: { name: string; from: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', text = ''] = /^([A-Z]+) +(.*)$/.exec(line) ?? [];
    const begins = /^(\S+) AS (\S+)$/.exec(text);
    if (name === 'FROM' && begins !== null) {
      stages.push({ from: begins[1] ?? '', name: begins[2] ?? '', instructions: [] });
      continue;
    }
    const stage = stages.at(-1);
    if (stage === undefined || name === '' || name === 'FROM') throw new Error(`not understood: ${line}`);
    stage.instructions.push({ name, text });
  }
  return stages;
}
