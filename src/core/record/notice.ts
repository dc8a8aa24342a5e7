/** One message to people: something got worse, or it is good again. No secrets. */
export interface Notice {
  /** The same change of state has the same id, even if it is sent twice. */
  readonly id: string;
  /** RFC 3339; the time when it was found or, if it was held back, when it is sent. */
  readonly at: string;
  /** `alarm`: strangers may get in · `trouble`: somebody must look at it · `good`: it is over. */
  readonly tone: 'alarm' | 'trouble' | 'good';
  /** The event, in one line. */
  readonly title: string;
  /** Details, one a line: places in the file, the words of an API. */
  readonly details: readonly string[];
  /** Since when or for how long, as text. */
  readonly since: string;
  /** The action to take; absent if there is none. */
  readonly advice?: string;
  /** That this is the last one for a while, and where to read the rest; or that it was held back, and since when. */
  readonly more?: string;
}
