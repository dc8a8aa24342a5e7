import { describe, expect, it } from 'vitest';
import { forgePlace } from '../../../src/cli/surroundings/forge-place.ts';
import { ConfigError, describeError } from '../../../src/core/errors.ts';

const githubJob = { GITHUB_API_URL: 'https://api.github.com', GITHUB_REPOSITORY: 'you/home' };
const forgejoJob = { GITHUB_API_URL: 'https://git.lan/api/v1', GITHUB_REPOSITORY: 'you/home' };
const gitlabJob = { CI_API_V4_URL: 'https://gitlab.lan/api/v4', CI_PROJECT_ID: '42' };

describe('the place of a pull request', () => {
  it.each([
    { because: 'GitHub', job: githubJob, forge: 'github', api: 'https://api.github.com' },
    {
      because: 'an enterprise',
      job: { ...githubJob, GITHUB_API_URL: 'https://gh.lan/api/v3' },
      forge: 'github',
      api: 'https://gh.lan/api/v3',
    },
    { because: 'Gitea and Forgejo', job: forgejoJob, forge: 'gitea', api: 'https://git.lan/api/v1' },
    {
      because: 'a slash at the end',
      job: { ...forgejoJob, GITHUB_API_URL: 'https://git.lan/api/v1/' },
      forge: 'gitea',
      api: 'https://git.lan/api/v1',
    },
  ])('comes from the variables of the job: $because', ({ job, forge, api }) => {
    expect(forgePlace(job, undefined, undefined)).toEqual({ forge, api, repository: 'you/home' });
  });

  it('comes from a job of GitLab, by the number of the project', () => {
    expect(forgePlace(gitlabJob, undefined, 'gitlab')).toEqual({
      forge: 'gitlab',
      api: 'https://gitlab.lan/api/v4',
      repository: '42',
    });
  });

  it.each([
    ['https://github.com/you/home.git', undefined, 'github', 'https://api.github.com', 'you/home'],
    ['https://user:pass@github.com/you/home', undefined, 'github', 'https://api.github.com', 'you/home'],
    ['https://gh.lan/you/home', 'github', 'github', 'https://gh.lan/api/v3', 'you/home'],
    ['https://gitlab.com/a/b/c/home.git', undefined, 'gitlab', 'https://gitlab.com/api/v4', 'a/b/c/home'],
    ['https://codeberg.org/you/home.git/', undefined, 'gitea', 'https://codeberg.org/api/v1', 'you/home'],
    ['http://git.lan:3000/you/home', 'forgejo', 'gitea', 'http://git.lan:3000/api/v1', 'you/home'],
    ['https://lan/git/you/home', 'gitea', 'gitea', 'https://lan/git/api/v1', 'you/home'],
    ['git@github.com:you/home.git', undefined, 'github', 'https://api.github.com', 'you/home'],
    ['ssh://git@gitlab.com/a/b/home.git', undefined, 'gitlab', 'https://gitlab.com/api/v4', 'a/b/home'],
    ['ssh://git@git.lan:2222/you/home', 'forgejo', 'gitea', 'https://git.lan/api/v1', 'you/home'],
  ] as const)('comes from the address %s', (address, given, forge, api, repository) => {
    // The address also wins in a job of another forge.
    expect(forgePlace(gitlabJob, address, given)).toEqual({ forge, api, repository });
  });

  it.each([
    {
      because: 'nothing says it',
      job: {},
      address: undefined,
      given: undefined,
      words: 'It is not known where',
    },
    { because: 'the forge alone', job: {}, address: undefined, given: 'github', words: 'GATES_REPOSITORY' },
    {
      because: 'the job is of another',
      job: gitlabJob,
      address: undefined,
      given: 'github',
      words: 'Leave --forge out',
    },
    {
      because: 'a host of no known forge',
      job: {},
      address: 'https://git.lan/you/home',
      given: undefined,
      words: '--forge',
    },
    {
      because: 'a word of JavaScript',
      job: {},
      address: 'https://constructor/you/home',
      given: undefined,
      words: '--forge',
    },
    {
      because: 'a path of this machine',
      job: {},
      address: '/srv/home.git',
      given: 'gitea',
      words: 'https://…',
    },
    { because: 'no name', job: {}, address: 'https://github.com/you', given: undefined, words: 'owner/name' },
  ] as const)('must be given: $because', ({ job, address, given, words }) => {
    const place = () => forgePlace(job, address, given);
    expect(place).toThrow(ConfigError);
    try {
      place();
    } catch (error) {
      expect(describeError(error)).toContain(words);
    }
  });
});
