import type { AuthentikConfig, Config } from '../../config/model/config.ts';

/** Authentik's public face, `https://auth.example.dev`; undefined where the file has none. */
export function loginUrl({ authentik, services }: Config): string | undefined {
  const face = authentik?.service === undefined ? undefined : services.get(authentik.service);
  return face === undefined ? undefined : `https://${face.host}`;
}

/**
 * Authentik as its gates need it: where people log in is known.
 * @throws TypeError for a file whose gates ask Authentik and that shows no login page: G103 lets none come here.
 */
export function guardingAuthentik(config: Config): {
  readonly authentik: AuthentikConfig;
  readonly login: string;
} {
  const { authentik } = config;
  const login = loginUrl(config);
  if (authentik === undefined || login === undefined)
    throw new TypeError('a gate of Authentik, and no Authentik');
  return { authentik, login };
}
