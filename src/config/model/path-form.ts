/** A path exception that can be compiled: see {@link readPathForm}. */
export interface PathForm {
  readonly form: 'exact' | 'subtree';
  /** Begins with a slash, never ends with one. */
  readonly prefix: string;
}

const SEGMENTS = /^(?:\/[A-Za-z0-9._~@:+,=!$&'()-]+)+$/;

/**
 * Reads `/a` (exactly this path) or `/a/**` (this path and all below it). Every other spelling is refused: four systems
 * have to agree on what a path matches, and they agree only on these two forms. Returns the form, or in words the
 * mistake and its correction.
 */
export function readPathForm(path: string): PathForm | { readonly message: string; readonly hint: string } {
  const form = path.endsWith('/**') ? 'subtree' : 'exact';
  const prefix = form === 'subtree' ? path.slice(0, -3) : path;
  const fault = prefix === '' || prefix === '/' ? WHOLE_HOST : FAULTS.find(({ found }) => found(prefix));
  if (fault !== undefined) return { message: fault.message, hint: fault.hint };
  return { form, prefix };
}

/** True if two forms share a path: they are equal, or one lies below the other. */
export function overlaps(a: PathForm, b: PathForm): boolean {
  return covers(a, b) || covers(b, a);
}

function covers(outer: PathForm, inner: PathForm): boolean {
  return (
    outer.prefix === inner.prefix || (outer.form === 'subtree' && inner.prefix.startsWith(`${outer.prefix}/`))
  );
}

const EXACT_OR_SUBTREE = 'write /a for exactly this path, or /a/** for it and all below it';

const WHOLE_HOST = {
  message: 'this path is the whole host',
  hint: "the gate of the whole host is the service's own `gate`",
};

const FAULTS: readonly { found: (prefix: string) => boolean; message: string; hint: string }[] = [
  {
    found: (prefix) => !prefix.startsWith('/'),
    message: 'a path begins with a slash',
    hint: EXACT_OR_SUBTREE,
  },
  {
    found: (prefix) => /[?#]/.test(prefix),
    message: 'a path has no query and no fragment',
    hint: 'leave out everything from the ? or #: a path exception is for every query',
  },
  {
    found: (prefix) => prefix.includes('*'),
    message: 'a * is possible only in /** at the end',
    hint: EXACT_OR_SUBTREE,
  },
  {
    found: (prefix) => prefix.includes('%'),
    message: 'a path is written without percent-encoding',
    hint: 'not all systems decode it before they match, so the path would be open on some ways and closed on others',
  },
  {
    found: (prefix) => prefix.includes('//'),
    message: 'a path has no empty segment',
    hint: 'write one slash',
  },
  {
    found: (prefix) => prefix.endsWith('/'),
    message: 'a path does not end with a slash',
    hint: EXACT_OR_SUBTREE,
  },
  {
    found: (prefix) => /\/\.\.?(?:\/|$)/.test(prefix),
    message: 'a path has no . or .. segment',
    hint: 'write the path that it leads to',
  },
  {
    found: (prefix) => !SEGMENTS.test(prefix),
    message: 'a path has a character that not all systems match alike',
    hint: "letters, digits and . _ ~ @ : + , = ! $ & ' ( ) - are possible",
  },
];
