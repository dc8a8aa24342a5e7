import type { Config } from '../../config/model/config.ts';
import type { Desired, Observation, WatchedService } from '../../core/objects/object.ts';
import { withKeptAdmission } from './access-login-kept.ts';
import { withSkippedPathsAt } from './domains.ts';

/** The file without the services that gates only watches. */
export function managedPart(config: Config): Config {
  const managed = [...config.services].filter(([, { manage }]) => manage === 'apply');
  return managed.length === config.services.size ? config : { ...config, services: new Map(managed) };
}

/**
 * The desired objects of the managed part, with the watched services and what they ask for in `whole`, the objects of
 * the complete file. The groups that Access's login admits stay while a watched host depends on them.
 */
export function withWatched(
  managed: Desired,
  whole: Desired,
  { services, owner }: Config,
  observations: readonly Observation[],
): Desired {
  const watched = [...services.values()]
    .filter(({ manage }) => manage === 'report')
    .map(({ name, host }): WatchedService => {
      const refusal = whole.refusals.find(({ service }) => service === name)?.reason;
      return {
        service: name,
        host,
        ...(refusal !== undefined && { refusal }),
        among: whole.objects,
        objects: whole.objects.filter(
          ({ because }) => because === `services.${name}` || because.startsWith(`services.${name}.`),
        ),
      };
    });
  const hosts = new Set(watched.map(({ host }) => host));
  const live = observations
    .flatMap((each) => (each.state === 'known' ? each.objects : []))
    .filter((have) => have.owner === owner);
  const skipping = withSkippedPathsAt(hosts, managed.objects, observations, owner);
  return { ...managed, objects: withKeptAdmission(skipping, hosts, live, owner), watched };
}
