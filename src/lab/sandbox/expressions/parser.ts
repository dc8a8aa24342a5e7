import { isDeepStrictEqual } from 'node:util';
import { type Literal, type Member, type Operator, operatorCalled, ruleOf } from './comparison.ts';
import { type Asked, type Data, type Dialect, FIELDS, type FieldType } from './fields.ts';
import { FUNCTIONS, type Parameter, type RuleFunction } from './functions.ts';
import { ExpressionError, type RuleToken, tokensOf } from './lexer.ts';

type Reader = (asked: Asked) => Data;

/** A part of an expression with the type of its value; `each`: one for every item of a list (`[*]`). */
interface Part {
  type: FieldType;
  each: boolean;
  read: Reader;
}

/** From the loosest to the tightest; `not` binds tighter than all of them. */
const LEVELS: readonly { words: readonly string[]; join(left: boolean, right: boolean): boolean }[] = [
  { words: ['or', '||'], join: (left, right) => left || right },
  { words: ['xor', '^^'], join: (left, right) => left !== right },
  { words: ['and', '&&'], join: (left, right) => left && right },
];

const CLAIMS = 'http.request.jwt.claims';

/** A recursive-descent parser that makes closures. For one use. */
export class Parser {
  readonly configurations = new Set<string>();
  readonly fields = new Set<string>();
  readonly operators = new Set<string>();
  private readonly tokens: readonly RuleToken[];
  private readonly dialect: Dialect;
  private at = 0;

  constructor(text: string, dialect: Dialect) {
    this.tokens = tokensOf(text);
    this.dialect = dialect;
  }

  /** The complete text, which must be a condition. */
  whole(): Reader {
    const part = this.level(0);
    if (this.token.kind !== 'end') this.fail(`unexpected ${JSON.stringify(this.token.text)}`);
    return this.condition(part).read;
  }

  private level(depth: number): Part {
    const level = LEVELS[depth];
    if (level === undefined) return this.negation();
    let left = this.level(depth + 1);
    while (level.words.includes(this.token.text) && this.token.kind !== 'string') {
      this.condition(left);
      this.at += 1;
      const [first, second] = [left.read, this.condition(this.level(depth + 1)).read];
      left = truth((asked) => level.join(first(asked) === true, second(asked) === true));
    }
    return left;
  }

  private negation(): Part {
    if (!this.taken('not', '!')) return this.primary();
    const { read } = this.condition(this.negation());
    return truth((asked) => read(asked) !== true);
  }

  private primary(): Part {
    if (!this.taken('(')) return this.comparison();
    const inner = this.level(0);
    this.expect(')');
    return inner;
  }

  private comparison(): Part {
    const value = this.value();
    const operator = this.operator();
    if (operator === null) return value;
    const { takes, set } = ruleOf(operator) as ReturnType<typeof ruleOf> & { set?: true };
    if (!takes.some((type) => isDeepStrictEqual(type, value.type))) {
      this.fail(`the operator ${operator} does not compare ${named(value.type)}`);
    }
    const at = this.token.at;
    const literal = set === true ? this.set(value.type) : this.literal(value.type);
    const test = this.testOf(operator, literal, at);
    const compare = (data: Data) => data !== undefined && test(data);
    if (!value.each) return truth((asked) => compare(value.read(asked)));
    return { type: 'boolean', each: true, read: (asked) => everyOne(value.read(asked), compare) };
  }

  private testOf(operator: Operator, literal: Literal, at: number): (data: Data) => boolean {
    try {
      return ruleOf(operator).test(literal);
    } catch (error) {
      throw new ExpressionError(error instanceof Error ? error.message : String(error), at);
    }
  }

  private operator(): Operator | null {
    if (this.token.kind === 'string') return null;
    let text: string = this.token.text;
    if (text === 'strict') text = `strict ${this.tokens[this.at + 1]?.text}`;
    const operator = operatorCalled(text);
    if (operator === undefined) return null;
    this.at += text.startsWith('strict ') ? 2 : 1;
    this.operators.add(operator);
    return operator;
  }

  private value(): Part {
    const { text, kind } = this.token;
    if (kind !== 'name') this.fail(`expected a field or a function, found ${JSON.stringify(text)}`);
    const isCall = this.tokens[this.at + 1]?.text === '(';
    let part = isCall ? this.call(text) : this.field(text);
    while (this.token.text === '[' && this.token.kind === 'symbol') part = this.indexed(part, text);
    return part;
  }

  private field(name: string): Part {
    if (name === 'true' || name === 'false') {
      this.at += 1;
      return { type: 'boolean', each: false, read: () => name === 'true' };
    }
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field === undefined) this.fail(`unknown identifier ${name}`);
    if (field.isClaim === true && this.dialect !== 'waf') this.fail(`${name} cannot be used here`);
    this.fields.add(name);
    this.at += 1;
    return { type: field.type, each: false, read: field.read };
  }

  private call(name: string): Part {
    const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (called === undefined) this.fail(`unknown function ${name}`);
    if (called.dialect !== undefined && called.dialect !== this.dialect)
      this.fail(`${name} cannot be used here`);
    this.at += 1;
    this.expect('(');
    const [first, ...others] = this.arguments(name, called);
    if (first === undefined) this.fail(`${name} needs an argument`);
    const one = (asked: Asked, data: Data): Data => {
      const args = [data, ...others.map((read) => read(asked))];
      return args.includes(undefined) ? undefined : called.call(asked, args);
    };
    if (!first.each || isTruths(called.takes[0])) {
      return { type: called.gives, each: false, read: (asked) => one(asked, first.read(asked)) };
    }
    // For an unpacked list the result is a list again.
    return {
      type: { list: called.gives },
      each: false,
      read: (asked) => everyOne(first.read(asked), (data) => one(asked, data)),
    };
  }

  private arguments(
    name: string,
    { takes, more, namesConfiguration }: RuleFunction,
  ): [Part | undefined, ...Reader[]] {
    const parts: Part[] = [];
    do {
      const wanted = takes[parts.length] ?? (more === true ? takes.at(-1) : undefined);
      if (wanted === undefined) this.fail(`${name} takes ${takes.length} arguments`);
      if (namesConfiguration === true && this.token.kind === 'string')
        this.configurations.add(this.token.text);
      const part = this.argument(wanted);
      if (part.each && parts.length > 0) this.fail('[*] can stand in the first argument alone');
      parts.push(part);
    } while (this.taken(','));
    this.expect(')');
    if (parts.length < takes.length) this.fail(`${name} takes ${takes.length} arguments`);
    const [first, ...others] = parts;
    return [first, ...others.map(({ read }) => read)];
  }

  private argument(wanted: Parameter): Part {
    const { kind, text } = this.token;
    if (wanted === 'text' || wanted === 'number' || wanted === 'text or number') {
      const fits = (kind === 'string' && wanted !== 'number') || (kind === 'integer' && wanted !== 'text');
      if (!fits) this.fail(`expected ${wanted}, found ${JSON.stringify(text)}`);
      this.at += 1;
      const data = kind === 'integer' ? Number(text) : text;
      return { type: kind === 'integer' ? 'integer' : 'string', each: false, read: () => data };
    }
    const part = this.level(0);
    const given: FieldType = part.each && isTruths(wanted) ? { list: part.type } : part.type;
    const isHeld = wanted === 'list or map of text' && HOLDERS.some((type) => isDeepStrictEqual(type, given));
    if (!isHeld && !isDeepStrictEqual(given, wanted))
      this.fail(`expected ${JSON.stringify(wanted)}, found ${named(given)}`);
    return part;
  }

  private indexed(part: Part, name: string): Part {
    this.expect('[');
    const { kind, text } = this.token;
    this.at += 1;
    this.expect(']');
    const { type } = part;
    if (text === '*' && kind === 'symbol') {
      if (part.each || typeof type !== 'object') this.fail(`[*] cannot be used on ${named(type)}`);
      const read: Reader = (asked) => {
        const data = part.read(asked);
        return data instanceof Map ? [...data.values()] : data;
      };
      return { type: 'list' in type ? type.list : type.map, each: true, read };
    }
    const isKey = kind === 'string' && typeof type === 'object' && 'map' in type;
    const isIndex = kind === 'integer' && typeof type === 'object' && 'list' in type;
    if (!isKey && !isIndex) this.fail(`${named(type)} has no item [${text}]`);
    if (isKey && name.startsWith(CLAIMS)) this.configurations.add(text);
    const item = (data: Data): Data =>
      data instanceof Map ? data.get(text) : Array.isArray(data) ? data[Number(text)] : undefined;
    const read: Reader = part.each
      ? (asked) => everyOne(part.read(asked), item)
      : (asked) => item(part.read(asked));
    return { type: 'map' in type ? type.map : type.list, each: part.each, read };
  }

  private literal(type: FieldType): string | number {
    const { kind, text } = this.token;
    const wanted = type === 'integer' ? 'integer' : type === 'ip' ? 'ip' : 'string';
    if (kind !== wanted || (wanted === 'ip' && text.includes('/'))) {
      this.fail(`expected ${wanted === 'ip' ? 'an address' : `a ${wanted}`}, found ${JSON.stringify(text)}`);
    }
    this.at += 1;
    return wanted === 'integer' ? Number(text) : text;
  }

  private set(type: FieldType): readonly Member[] {
    this.expect('{');
    const members: Member[] = [];
    while (!this.taken('}')) {
      if (type === 'ip' && this.token.kind === 'ip') {
        members.push(this.token.text);
        this.at += 1;
        continue;
      }
      const member = this.literal(type);
      const isRange = type === 'integer' && this.taken('..');
      members.push(isRange ? { from: Number(member), to: Number(this.literal(type)) } : member);
    }
    if (members.length === 0) this.fail('an empty set');
    return members;
  }

  /** Operands of logic must have one truth value, not one for each item of a list. */
  private condition(part: Part): Part {
    if (part.each) this.fail('[*] needs any() or all() around it');
    if (part.type !== 'boolean') this.fail(`expected a comparison, found ${named(part.type)}`);
    return part;
  }

  private get token(): RuleToken {
    return this.tokens[this.at] ?? { kind: 'end', text: '', at: 0 };
  }

  private taken(...texts: readonly string[]): boolean {
    const found = this.token.kind !== 'string' && texts.includes(this.token.text);
    if (found) this.at += 1;
    return found;
  }

  private expect(text: string): void {
    if (!this.taken(text)) this.fail(`expected ${text}, found ${JSON.stringify(this.token.text)}`);
  }

  private fail(text: string): never {
    throw new ExpressionError(text, this.token.at);
  }
}

const HOLDERS: readonly FieldType[] = [{ list: 'string' }, { map: { list: 'string' } }];

function truth(read: Reader): Part {
  return { type: 'boolean', each: false, read };
}

function isTruths(type: Parameter | undefined): boolean {
  return isDeepStrictEqual(type, { list: 'boolean' });
}

function everyOne(data: Data, act: (item: Data) => Data): Data {
  return Array.isArray(data) ? data.map(act) : undefined;
}

function named(type: FieldType): string {
  if (typeof type === 'string') return `a ${type}`;
  return 'list' in type ? `a list of ${JSON.stringify(type.list)}` : `a map of ${JSON.stringify(type.map)}`;
}
