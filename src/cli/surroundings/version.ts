import manifest from '../../../package.json' with { type: 'json' };

export const { version } = manifest;

/** The commit from which gates was built; the build inserts it. */
export const buildRevision = process.env.GATES_BUILD_REVISION || 'unknown';
