import { type Command, Option } from 'commander';
import { accountOption, collect, file, number } from '../surroundings/options.ts';
import { exit } from './exit.ts';

/** Adds the sandbox, and the commands that feed and show it. */
export function addLabCommands(gates: Command): void {
  addSandbox(gates);
  addDemo(gates);
  addExport(gates);
}

function addSandbox(gates: Command): void {
  gates
    .command('sandbox')
    .description('run a Cloudflare, an Authentik and an edge on this machine, to rehearse against')
    .option('--json', 'one line of JSON instead of export lines', false)
    .option('--zone <name>', 'a zone that exists at the start; repeatable', collect, [])
    .addOption(
      new Option('--plan <plan>', 'plan of every zone')
        .choices(['free', 'pro', 'business', 'enterprise'])
        .default('free'),
    )
    .option('--delay <ms>', 'milliseconds before each answer of an API', number, 0)
    .option('--settle <ms>', 'milliseconds until connectors and outposts run what was written', number, 0)
    .option(
      '--lag <lag>',
      'milliseconds until the edge knows a write: 5000, random:0-30000, access=5000,records=2000',
    )
    .addOption(
      new Option('--cache <state>', "whether the edge keeps files as Cloudflare's cache does").choices([
        'off',
        'on',
      ]),
    )
    .addOption(
      new Option('--fresh-tunnels <state>', 'whether a new tunnel has a connector')
        .choices(['connected', 'inactive'])
        .default('connected'),
    )
    .addOption(
      new Option('--authentik <version>', 'the release of Authentik')
        .choices(['2025.8', '2025.12', '2026.2', '2026.5-rc1', '2026.5', '2026.8'])
        .default('2026.8'),
    )
    .option('--port <n>', 'first of four ports; default: free ones', number)
    .addOption(
      new Option('--as <file>', 'behave like the account that `gates conformance --json` tested').conflicts([
        'plan',
        'settle',
        'lag',
        'cache',
      ]),
    )
    .addOption(
      new Option('--from <folder>', 'start as a copy of the systems of a `gates export`').conflicts([
        'as',
        'plan',
        'zone',
        'authentik',
      ]),
    )
    .option('--canary <text>', 'put this text into every secret that the sandbox makes')
    .option('--state <file>', 'load the world from this file if it exists, and save it there at the end')
    .action(async ({ zone, authentik, cache, ...options }) =>
      exit(
        (await import('../commands/sandbox.ts')).sandbox({
          ...options,
          authentikVersion: authentik,
          ...(cache === undefined ? {} : { cache: cache === 'on' }),
          ...(zone.length === 0 ? {} : { zones: zone }),
        }),
      ),
    );
}

function addExport(gates: Command): void {
  gates
    .command('export <folder>')
    .description('write the answers of both systems to a folder, without secrets; changes nothing there')
    .addOption(file())
    .addOption(accountOption())
    .option('--zone <name>', 'only this zone; repeatable; default: the zones of the file', collect, [])
    .option('--anonymize', 'replace names, addresses and IPs, and print what is left', false)
    .action(async (folder: string, _, command: Command) =>
      exit((await import('../exporting/export.ts')).exportSystems(folder, command.optsWithGlobals())),
    );
}

function addDemo(gates: Command): void {
  gates
    .command('demo')
    .description('play the main job on the sandbox, in under a minute')
    .option('--keep', 'leave the sandbox and the daemon running', false)
    .action(async (_, command: Command) =>
      exit((await import('../commands/demo.ts')).demo(command.optsWithGlobals())),
    );
}
