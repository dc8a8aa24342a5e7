import { differingFields } from '../../../../src/core/objects/equal.ts';
import type { Reconciler } from '../../../../src/core/reconciler.ts';
import type { AccessApplicationSpec } from './application-form.ts';
import { canonicalUri, depthAround, fallingFrom } from './destination.ts';

/** The destinations that one application releases to another, takes from it, or has in its place for a time. */
export const handover: Pick<Reconciler<AccessApplicationSpec>, 'siblings' | 'gate'> = {
  siblings: {
    obstacle(want, address, siblings) {
      const wanted = new Set(want.destinations.map((uri) => canonicalUri(String(uri))));
      return siblings.find(
        (sibling) =>
          sibling.address.key !== address.key &&
          sibling.spec.destinations.some((uri) => wanted.has(canonicalUri(uri))),
      );
    },
  },

  gate: {
    released({ spec }, takers) {
      const taken = new Set(
        takers.flatMap((taker) => taker.destinations.map((uri) => canonicalUri(String(uri)))),
      );
      const remaining = spec.destinations.filter((uri) => !taken.has(canonicalUri(uri)));
      // An application must have a destination. If none is left, the API refuses the taker.
      const unchanged = remaining.length === 0 || remaining.length === spec.destinations.length;
      return unchanged ? undefined : { ...spec, destinations: remaining };
    },

    heirs({ spec }, { destinations }, siblings) {
      const remaining = destinations.map(String);
      const has = new Set(remaining.map(canonicalUri));
      const gone = spec.destinations.filter((uri) => !has.has(canonicalUri(uri)));
      const nearest = gone.flatMap((uri) => {
        const depths = siblings.map((sibling) => depthAround(uri, sibling.spec.destinations));
        const deepest = Math.max(0, ...depths);
        return deepest > depthAround(uri, remaining) ? (siblings[depths.indexOf(deepest)] ?? []) : [];
      });
      return [...new Set(nearest)];
    },

    around(outer, previousOuter, inner, siblings) {
      const [within, others] = [inner, siblings].map((specs) =>
        specs.flatMap(({ destinations }) => destinations.map(String)),
      ) as [string[], string[]];
      const has = new Set(outer.destinations.map((uri) => canonicalUri(String(uri))));
      const missing = previousOuter.destinations
        .map((uri) => canonicalUri(String(uri)))
        .filter((uri) => !has.has(uri) && depthAround(uri, within) > depthAround(uri, others));
      return missing.length === 0
        ? undefined
        : { ...outer, destinations: [...outer.destinations, ...missing] };
    },

    covered(have, cover, beside, alone) {
      const uris = [cover, ...beside].map(({ destinations: each }) => each.map(String));
      const [own = [], ...others] = uris;
      const destinations = [...own, ...fallingFrom(own, others.flat())];
      if (have === undefined) return { ...cover, destinations };
      const { spec } = have;
      const had = new Set(spec.destinations.map(canonicalUri));
      const more = destinations.filter((uri) => !had.has(canonicalUri(uri)));
      // The destinations that it has below a path would move to the application at that path.
      const all = [...spec.destinations, ...more];
      if (spec.bypass || alone) return { ...cover, destinations: all };
      const probes = cover.policies.filter((policy) => !spec.policies.includes(String(policy)));
      return { ...spec, destinations: all, policies: [...spec.policies, ...probes], waysAround: [] };
    },

    isCover(have, { destinations, ...cover }) {
      const covered = new Set(have.destinations.map(canonicalUri));
      return (
        destinations.every((uri) => covered.has(canonicalUri(uri))) &&
        differingFields(cover, have).length === 0
      );
    },
  },
};
