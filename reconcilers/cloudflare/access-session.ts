/** A revocation of an application's sessions that is still to be done; keyed by the application's id. */
export type AccessSessionSpec = Readonly<Record<string, never>>;
