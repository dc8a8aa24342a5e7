import type { Config } from '../../../config/config.ts';

/** Authentik's public face, `https://auth.example.dev`; undefined where the file has none. */
export function loginUrl({ authentik, services }: Config): string | undefined {
  const face = authentik?.service === undefined ? undefined : services.get(authentik.service);
  return face === undefined ? undefined : `https://${face.host}`;
}
