import { readTag } from '../../../../src/core/objects/marker.ts';

/** The look of an application to people. It decides nothing about who gets in. */
export interface Appearance {
  /** People see its tile in the App Launcher. */
  readonly launcher?: boolean;
  /** URL of the picture on its tile and its login page. */
  readonly logo?: string;
  /** Page to which Access sends people whom it refuses, instead of its own. */
  readonly deniedUrl?: string;
  /** Text on Access's own page for people whom it refuses. */
  readonly deniedMessage?: string;
  /** Tags by which people filter the App Launcher, without marks of gates. People may add others. */
  readonly tags?: readonly string[];
}

interface AppearanceReply {
  readonly tags?: readonly string[] | null;
  readonly app_launcher_visible?: boolean | null;
  readonly logo_url?: string | null;
  readonly custom_deny_url?: string | null;
  readonly custom_deny_message?: string | null;
}

/** The names of the fields in the API. */
const wireNames = {
  launcher: 'app_launcher_visible',
  logo: 'logo_url',
  deniedUrl: 'custom_deny_url',
  deniedMessage: 'custom_deny_message',
} as const satisfies Readonly<Record<Exclude<keyof Appearance, 'tags'>, keyof AppearanceReply>>;

const fields = Object.keys(wireNames) as readonly (keyof typeof wireNames)[];

/** The appearance of a reply. A field that the application does not set is absent, so that gates never sends it. */
export function appearanceOf(reply: AppearanceReply): Appearance {
  const { app_launcher_visible: launcher, logo_url: logo } = reply;
  const { custom_deny_url: deniedUrl, custom_deny_message: deniedMessage } = reply;
  const tags = (reply.tags ?? []).filter((tag) => readTag(tag) === undefined);
  return {
    launcher: launcher ?? false,
    ...(logo && { logo }),
    ...(deniedUrl && { deniedUrl }),
    ...(deniedMessage && { deniedMessage }),
    ...(tags.length > 0 && { tags }),
  };
}

/** The fields that differ from the file. People may set those that it leaves out. */
export function appearanceDrift(want: Appearance, have: Appearance): readonly string[] {
  const isMissing = (tag: string) => have.tags?.includes(tag) !== true;
  return [
    ...fields.filter((field) => want[field] !== undefined && want[field] !== have[field]),
    ...(want.tags?.some(isMissing) ? ['tags'] : []),
  ];
}

/** True for a field by which only the look of an application changes. */
export function isOfAppearance(field: string): boolean {
  return field in wireNames || field === 'tags';
}

/** All fields but the tags, which the application has together with the mark of gates. */
export function appearanceBody(want: Appearance): Readonly<Record<string, unknown>> {
  const set = fields.filter((field) => want[field] !== undefined);
  return Object.fromEntries(set.map((field) => [wireNames[field], want[field]]));
}
