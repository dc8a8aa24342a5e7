/** Looked up; the key is the team, attributes are `team` and `authDomain`. */
export type OrganizationSpec = Readonly<Record<string, never>>;
