import manifest from '../../../package.json' with { type: 'json' };

export const { version } = manifest;

/** The commit that this was built from; the build puts it in. */
export const buildRevision = process.env.GATES_BUILD_REVISION || 'unknown';
