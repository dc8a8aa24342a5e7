/** A host, or a path of it, as shown to people: its gate, and who gets in. */
export interface FileDoor {
  readonly service: string;
  readonly host: string;
  /** The zone of the file that contains the host. */
  readonly zone: string;
  /** As written, `/api/**`; absent for the host itself. */
  readonly path?: string;
  readonly gate: DoorGate;
  readonly admits: readonly Admitted[];
  /** True if nobody is asked: the file admits everyone, on purpose. */
  readonly isOpen: boolean;
  /** The file's reason why everyone gets in. */
  readonly reason?: string;
}

/** The mechanism that decides: `{ name: 'Authentik', how: 'asked by the origin' }`. */
export interface DoorGate {
  readonly name: string;
  readonly how?: string;
}

/** One sort of admitted visitors, with the names that the file gives. */
export interface Admitted {
  readonly sort: 'everyone' | 'group' | 'user' | 'person' | 'domain' | 'emergency' | 'token' | 'caller';
  /** Groups, users, email addresses, mail domains, service tokens; for `everyone` and `caller` one phrase. */
  readonly names: readonly string[];
  /** Conditions that they must all meet in addition. */
  readonly only?: readonly VisitorTerm[];
  /** Those of them who may not pass. */
  readonly except?: readonly VisitorTerm[];
}

/** A property of visitors, of which one of the names is enough. */
export interface VisitorTerm {
  readonly sort:
    | ('person' | 'domain' | 'group' | 'network' | 'country')
    | ('login' | 'method' | 'posture' | 'warp' | 'gateway' | 'certificate' | 'authority' | 'common name')
    | 'approval'
    /** A flow or a policy of Authentik. */
    | ('flow' | 'policy');
  readonly names: readonly string[];
  /** Only for `approval`: the number of the named people who must approve. */
  readonly needed?: number;
}

/** The people who get in, in words: `group admins`, `3 people`; addresses only if they are asked for. */
export function admittedTexts(
  admits: readonly Admitted[],
  { addresses }: { readonly addresses: boolean },
): readonly string[] {
  return admits.map(({ sort, names, only = [], except = [] }) =>
    [
      admittedText[sort](names, addresses),
      ...(only.length > 0 ? [`only ${only.map((term) => termText(term, addresses)).join(' and ')}`] : []),
      ...(except.length > 0
        ? [`except ${except.map((term) => termText(term, addresses)).join(' and ')}`]
        : []),
    ].join(', '),
  );
}

const admittedText: Readonly<
  Record<Admitted['sort'], (names: readonly string[], addresses: boolean) => string>
> = {
  everyone: (names) => names.join(', '),
  caller: (names) => names.join(', '),
  group: (names) => `${names.length === 1 ? 'group' : 'groups'} ${names.join(', ')}`,
  user: (names) => `${names.length === 1 ? 'user' : 'users'} ${names.join(', ')}`,
  token: (names) => `${names.length === 1 ? 'service token' : 'service tokens'} ${names.join(', ')}`,
  domain: (names) => `everyone with an address at ${names.join(', ')}`,
  person: people,
  emergency: (names, addresses) => `${people(names, addresses)} in an emergency`,
};

function termText({ sort, names, needed = 1 }: VisitorTerm, addresses: boolean): string {
  const any = names.join(' or ');
  switch (sort) {
    case 'person':
      return people(names, addresses);
    case 'domain':
      return `with an address at ${any}`;
    case 'group':
      return `in group ${any}`;
    case 'network':
    case 'country':
      return `from ${any}`;
    case 'login':
      return `logged in by ${any}`;
    case 'method':
      return `logged in with ${any}`;
    case 'posture':
      return `with a device that passes ${any}`;
    case 'warp':
      return 'with WARP';
    case 'gateway':
      return 'through Gateway';
    case 'certificate':
      return 'with a client certificate';
    case 'authority':
      return `with a client certificate of ${any}`;
    case 'approval':
      return `with the approval of ${names.length > 1 ? `${needed} of ` : ''}${people(names, addresses)}`;
    case 'flow':
      return `those who pass the flow ${any}`;
    case 'policy':
      return `those who pass the policy ${any}`;
    case 'common name':
      return `with a client certificate for ${any}`;
  }
}

function people(names: readonly string[], addresses: boolean): string {
  if (addresses) return names.join(', ');
  return names.length === 1 ? '1 person' : `${names.length} people`;
}
