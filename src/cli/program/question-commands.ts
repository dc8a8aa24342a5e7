import { type Command, Option } from 'commander';
import type { DoctorCommandOptions } from '../finding/doctor-live.ts';
import { accountOption, collect, file, output } from '../surroundings/options.ts';
import { exit } from './exit.ts';

/** Adds the commands that only ask, and those that write a first file. */
export function addQuestionCommands(gates: Command): void {
  addProbe(gates);
  addWhy(gates);
  addDoctor(gates);
  addInit(gates);
  addImport(gates);
  addConformance(gates);
}

function addProbe(gates: Command): void {
  gates
    .command('probe')
    .description(
      'check every gate from outside, change nothing; exit codes: 0 = all as the file says, 1 = not',
    )
    .addOption(file())
    .addOption(accountOption())
    .addOption(output())
    .addOption(new Option('--service <name>', 'only this service'))
    .option('--inside', 'ask the origins directly, without Cloudflare: for diagnosis only', false)
    .action(async (_, command: Command) =>
      exit((await import('../commands/probe.ts')).probe(command.optsWithGlobals())),
    );
}

function addWhy(gates: Command): void {
  gates
    .command('why')
    .description(
      'explain who gets in at a URL, layer by layer, change nothing; exit codes: 0 = answered, 1 = error',
    )
    .argument('<url>', 'https://HOST/PATH; a host alone: who gets in at each of its paths')
    .addOption(file())
    .addOption(accountOption())
    .addOption(output())
    .option('--anonymous', 'a visitor without a login and without a token (the default)')
    .option('--as <address>', 'a person with this email address')
    .option('--groups <names>', 'a person in these groups of Authentik, separated by commas')
    .option('--token <name>', 'a machine with this service token, or with a token of this client')
    .option('--method <method>', 'method of the request', 'GET')
    .option('--from <state>', 'live, file, or plan:STEP with a number of `gates plan --verbose`', 'live')
    .action(async (url: string, _, command: Command) =>
      exit((await import('../commands/why.ts')).why({ ...command.optsWithGlobals(), url })),
    );
}

function addDoctor(gates: Command): void {
  gates
    .command('doctor')
    .description(
      'find what may keep gates from working, or with --live what is wrong in both systems, change nothing; exit codes: 0 = no problem, 1 = one or more',
    )
    .addOption(file())
    .addOption(output('sarif', 'markdown'))
    .option('--live', 'find faults of the live objects, also of those that gates did not make', false)
    .option('--owner <name>', 'with --live: the owner whose objects the file explains (default: as the file)')
    .option(
      '--account <account>',
      'only this account, if the file has several; with --live and one account: by id or name, if the token sees several',
    )
    .addOption(
      new Option('--zone <zone>', 'with --live: only this zone; repeatable').argParser(collect).default([]),
    )
    .option('--authentik <url>', 'with --live: the address of the API of Authentik (also AUTHENTIK_URL)')
    .action(async (_, command: Command) => {
      const { live, ...options } = command.optsWithGlobals();
      return exit(
        live === true
          ? (await import('../finding/doctor-live.ts')).doctorLive(options as DoctorCommandOptions)
          : (await import('../commands/doctor.ts')).doctor(options as DoctorCommandOptions),
      );
    });
}

function addInit(gates: Command): void {
  gates
    .command('init')
    .description(
      'write a first gates.yaml, for one account: ask for what it cannot find out; exit codes: 0 = written, 1 = not, and the folder is as it was',
    )
    .option('--owner <name>', 'the owner that the file names', 'home')
    .option('--account <account>', 'the account, by id or name, if the token sees several')
    .addOption(new Option('--zone <zone>', 'only this zone; repeatable').argParser(collect).default([]))
    .option('--tunnel <name>', 'the tunnel to your servers, if there are several')
    .option('--live', 'begin with what is live, as `gates import` writes it', false)
    .option('--host <host>', 'the host to guard')
    .option('--origin <url>', 'its server, as cloudflared reaches it: http://192.168.1.10:8080')
    .option('--admit <people>', 'email addresses, group:NAME of Authentik, or public')
    .option('--reason <text>', 'with --admit public: the reason that the file gives')
    .option('--authentik <url>', 'the address of the API of Authentik (also AUTHENTIK_URL)')
    .option('--login-host <host>', "the host of Authentik's login page")
    .addOption(
      new Option('--forge <forge>', 'the forge of the CI job; default: that of the git remote').choices([
        'github',
        'gitlab',
        'gitea',
        'forgejo',
      ]),
    )
    .action(async (_, command: Command) =>
      exit((await import('../initializing/init.ts')).init(command.optsWithGlobals())),
    );
}

function addImport(gates: Command): void {
  gates
    .command('import')
    .description(
      'write a gates.yaml that says what is live in both systems, change nothing there; exit codes: 0 = written, 1 = error',
    )
    .option('--owner <name>', 'the owner that the file names', 'home')
    .option('--account <id>', 'the account, by id or name, if the token sees several')
    .addOption(new Option('--zone <zone>', 'only this zone; repeatable').argParser(collect).default([]))
    .option('--authentik <url>', 'the address of the API of Authentik (also AUTHENTIK_URL)')
    .option('--host <host>', 'only the service at this host')
    .option('--service <name>', 'only the service with this name')
    .addOption(
      new Option(
        '--into <file>',
        'add to this file only the entries that it lacks, and keep its comments and order: print the difference, or with --write change the file',
      ).conflicts(['owner', 'account', 'force']),
    )
    .option(
      '--terraform <state>',
      'take names, order and grouping from this state of Terraform or OpenTofu; only names and ids are read from it',
    )
    .option('--write [file]', 'write this file, which must not exist, or the one of --into; default: stdout')
    .option('--force', 'with --write: replace the file', false)
    .action(async (_, command: Command) =>
      exit((await import('../importing/import.ts')).importLive(command.optsWithGlobals())),
    );
}

function addConformance(gates: Command): void {
  gates
    .command('conformance')
    .description(
      'test with temporary objects whether Cloudflare and Authentik behave as gates believes; exit codes: 0 = they do, 2 = something differs, 1 = error',
    )
    .addOption(new Option('--zone <zone>', 'the zone for a temporary host'))
    .addOption(new Option('--tunnel <name>', 'the tunnel that leads to it'))
    .option(
      '--authentik',
      "play the stories of gates at AUTHENTIK_URL; AUTHENTIK_TOKEN must be a superuser's, because they create users with few rights. Without --zone, nothing else is tested",
      false,
    )
    .option('--fresh', 'with --authentik: also play the stories that passed in an interrupted run', false)
    .option('--full', 'also how long writes take to the edge, sessions and rotation', false)
    .option('--json', 'one JSON document, for `gates sandbox --as`', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--sweep', 'only remove what killed runs left behind', false)
    .action(async (_, command: Command) =>
      exit((await import('../commands/conformance.ts')).conformance(command.optsWithGlobals())),
    );
}
