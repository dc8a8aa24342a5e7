import type * as file from '../../../schema/generated/config.ts';
import type { Finding, Path } from '../../config/mistakes/finding.ts';
import type { Rule } from '../../config/mistakes/mistake-kinds.ts';
import type { Config, Service } from '../../config/model/config.ts';
import type { Admitted, FileDoor } from '../../config/model/file-door.ts';
import type { Gate } from '../../config/model/gate.ts';
import type { PartOf } from '../../config/model/partial-file.ts';
import type { DesiredObject } from '../../core/objects/object.ts';
import type { BuiltGate } from './built-gate.ts';
import type { GuardTerms } from './guard-terms.ts';

/**
 * Everything that gates knows of one gate: a row of the table in `src/gates/index.ts`. `Settings` is the part of a valid file
 * below the key of the gate. The members are methods, so that the row of one gate fits into the table of all.
 */
export interface GateRow<Settings, G extends Gate = Gate> {
  /** A gate as people write it inside of `gate: { }`. */
  readonly example: string;
  /** A hint for settings that are not a map: `authentik: [admins]`. Undefined: one that shows the example. */
  settingsHint?(value: unknown): string | undefined;
  /** The invariant that the schema enforces below these keys of the settings; no keys: in the settings themselves. */
  schemaRule?(keys: Path): Rule | undefined;
  /** The settings that name entries of other sections of the file. */
  readonly references?: readonly GateReference[];
  /** Set if the gate is possible only in a file with a block `authentik`. */
  readonly needsAuthentik?: true;
  /** The mistakes of keys that have the right shape but conflict. Anything may be missing in the file. */
  disagreements?(partial: PartOf<file.GatesFile>): readonly Finding[];
  /** The slug of the gate's application in Authentik for a single host. */
  applicationSlug?(settings: PartOf<Settings>, host: string): string | undefined;
  /**
   * The settings with every default filled in, and the terms by which other code asks about the gate. `lists` are those
   * of the file that the settings may name.
   */
  normalize(settings: Settings, lists: NamedLists): G;
  /** The parts of both systems that make up the gate, and how gates checks it. */
  built(gate: G): BuiltGate<G>;
  /** The door in words for people. */
  words(gate: G, service: Service, config: Config): GateWords;
  /**
   * The people whom the file admits, in the words of a rehearsal. It shares no code with `built`, so that a rehearsal sees a
   * mistake there.
   */
  guard(gate: G, host: string, config: Config): GuardTerms;
  /** For a gate that does not say whom it admits: what to write (G106). Undefined if the file says it. */
  admissionHint?(gate: G, service: Service, config: Config): string | undefined;
  /** The demands of `/verify` on the tokens of callers; undefined if the daemon does not judge them. */
  bearer?(gate: G, config: Config): BearerTerms | undefined;
  /**
   * Objects that several services share. `built` are the services that are built: no path of a refused service is
   * opened.
   */
  sharedObjects?(config: Config, built: readonly Service[]): readonly DesiredObject[];
}

/** A name, or a list of names, below these keys of the settings; `*` stands for each entry of a list. */
export interface GateReference {
  readonly section:
    | ('actions' | 'certificateAuthorities' | 'clients' | 'groups' | 'networks')
    | ('people' | 'serviceTokens');
  readonly keys: readonly string[];
  /** False for an entry that is no name. Absent: each is one. */
  isName?(entry: string): boolean;
}

/** The lists of the file that gates share, and the authorities that they name. */
export type NamedLists = Pick<file.GatesFile, 'people' | 'networks' | 'certificateAuthorities'>;

/** The words of a gate in a {@link FileDoor}. An {@link Admitted} without names is left out. */
export interface GateWords extends Pick<FileDoor, 'gate' | 'isOpen'> {
  readonly admits: readonly Admitted[];
  readonly reason: string | undefined;
}

/** The demands of the file on a token that a caller brings. */
export interface BearerTerms {
  /** The `aud` that a token must contain: a text, or the id of a client of Authentik, which Authentik generates. */
  readonly audience: string | { readonly client: string };
  /** The address of the keys. */
  readonly keysUrl: string;
  /** Undefined: anybody who has the keys. */
  readonly issuer: string | undefined;
  readonly from: readonly TokenPlace[];
  readonly operations: readonly Operation[];
}

/** A place in the request where the token may be. */
export type TokenPlace = { readonly header: string } | { readonly cookie: string };

export interface Operation {
  readonly method: string;
  /** Begins with a slash; `{name}` stands for one segment. */
  readonly path: string;
}
