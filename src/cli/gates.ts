import { Argument, Command, Option } from 'commander';
import type { Shell } from './completion.ts';
import { allow, collect, file, number, output, service, unverified } from './options.ts';
import { tell, tellError } from './terminal.ts';
import { version } from './version.ts';

/**
 * Every command and its options. A command's own code is loaded when it is called, so that `gates validate`
 * pays for no SDK and no daemon.
 */
function program(): Command {
  const gates = new Command('gates')
    .description(
      'One gates.yaml says which single gate guards each hostname; gates makes Cloudflare and Authentik agree with it.',
    )
    .version(version)
    .option('--no-color', 'no colour (also NO_COLOR)')
    .option('-q, --quiet', 'say only what matters', false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(`gates --help` lists the commands)');

  gates
    .command('validate')
    .description('check the file, offline: 0 valid, 1 mistakes')
    .addOption(file())
    .action(async (_, command: Command) =>
      exit((await import('./validate.ts')).validate(command.optsWithGlobals())),
    );

  gates
    .command('plan')
    .description('show what would change: 0 nothing, 2 something, 1 it cannot be said')
    .addOption(file())
    .addOption(output('markdown'))
    .addOption(service())
    .addOption(allow())
    .addOption(unverified())
    .option('--adopt', 'as if objects that nobody marked were taken over', false)
    .option('--save <file>', 'write the plan to a file, for `gates apply --plan`')
    .option(
      '--rehearse',
      'carry it out on a copy of what is there, with everything going wrong in turn',
      false,
    )
    .addOption(new Option('--seed <n>', 'with --rehearse: try the same again').argParser(number))
    .action(async (_, command: Command) => exit((await import('./plan.ts')).plan(command.optsWithGlobals())));

  gates
    .command('comment')
    .description('post the plan under a pull request, or write the one that is there anew')
    .addOption(file())
    .addOption(new Option('--pull <n>', 'number of the pull request').argParser(number).makeOptionMandatory())
    .addOption(
      new Option('--forge <forge>', 'where it is; default: as the CI job or GATES_REPOSITORY says').choices([
        'github',
        'gitlab',
        'gitea',
        'forgejo',
      ]),
    )
    .option('--from <file>', 'what `gates plan --output markdown` wrote, - for stdin; default: make the plan')
    .action(async (_, command: Command) =>
      exit((await import('./comment.ts')).comment(command.optsWithGlobals())),
    );

  gates
    .command('apply')
    .description('show the plan, ask, and do it: 0 all done, 1 something failed, was skipped or refused')
    .addOption(file())
    .addOption(output())
    .addOption(service())
    .addOption(allow())
    .addOption(unverified())
    .option('-y, --yes', 'do not ask', false)
    .option('--adopt', 'take over objects that nobody marked', false)
    .addOption(
      new Option(
        '--plan <file>',
        'carry out this saved plan, or nothing where the world has moved',
      ).conflicts(['adopt', 'allow', 'service', 'unverified']),
    )
    .addOption(
      new Option(
        '--revision <commit>',
        'put this commit of the watched branch in force, until the branch moves on',
      ).conflicts(['plan', 'service']),
    )
    .action(async (_, command: Command) =>
      exit((await import('./apply.ts')).apply({ ...command.optsWithGlobals(), adoptOnly: false })),
    );

  gates
    .command('adopt')
    .description('take over live objects that the file names and nobody marked; change nothing else')
    .addOption(file())
    .addOption(output())
    .addOption(service())
    .option('-y, --yes', 'do not ask', false)
    .action(async (_, command: Command) =>
      exit(
        (await import('./apply.ts')).apply({
          ...command.optsWithGlobals(),
          adopt: true,
          adoptOnly: true,
          allow: [],
          unverified: [],
        }),
      ),
    );

  gates
    .command('probe')
    .description('look at every gate from outside, and change nothing: 0 all answer as they should, 1 not')
    .addOption(file())
    .addOption(output())
    .addOption(new Option('--service <name>', 'only this service'))
    .option('--inside', 'ask the origins themselves, without Cloudflare: for diagnosis only', false)
    .action(async (_, command: Command) =>
      exit((await import('./probe.ts')).probe(command.optsWithGlobals())),
    );

  gates
    .command('doctor')
    .description('ask what may keep gates from its work, and change nothing: 0 no problem, 1 one or more')
    .addOption(file())
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('./doctor.ts')).doctor(command.optsWithGlobals())),
    );

  gates
    .command('conformance')
    .description(
      'ask whether Cloudflare and Authentik behave as gates believes, by scratch objects: 0 they do, 2 something differs, 1 error',
    )
    .addOption(new Option('--zone <zone>', 'the zone that gets a scratch host'))
    .addOption(new Option('--tunnel <name>', 'the tunnel that leads to it'))
    .option(
      '--authentik',
      'play the stories of gates at AUTHENTIK_URL; AUTHENTIK_TOKEN has to be that of a superuser, since they create users with few rights. Without --zone, nothing else is asked',
      false,
    )
    .option('--fresh', 'with --authentik: play also the stories that passed in a run that was stopped', false)
    .option('--full', 'also how long writes take to the edge, sessions and rotation', false)
    .option('--json', 'one JSON document, for `gates sandbox --as`', false)
    .option('-y, --yes', 'do not ask', false)
    .option('--sweep', 'only remove what runs that were killed have left', false)
    .action(async (_, command: Command) =>
      exit((await import('./conformance.ts')).conformance(command.optsWithGlobals())),
    );

  gates
    .command('rotate')
    .description('give a service token a new secret, or a client a new signing key; nobody is locked out')
    .argument('<name>', 'a name of serviceTokens or clients; of both: serviceTokens.NAME, clients.NAME')
    .addOption(file())
    .option('--settle <s>', 'seconds that the edge has to take a new key before it signs', number, 30)
    .action(async (name: string, _, command: Command) =>
      exit((await import('./rotate.ts')).rotate({ ...command.optsWithGlobals(), name })),
    );

  gates
    .command('outputs')
    .description('what applications and the origin need to know of their gates, never a secret')
    .addOption(file())
    .addOption(new Option('--service <name>', 'only this service, and the clients that its gates name'))
    .addOption(
      new Option('--format <format>', 'what is printed; traefik: what Traefik needs for forward auth')
        .choices(['yaml', 'json', 'env', 'traefik'])
        .default('yaml'),
    )
    .addOption(
      new Option('--traefik <form>', 'with --format traefik: for the file provider, or as labels')
        .choices(['file', 'labels'])
        .default('file'),
    )
    .addOption(
      new Option('--daemon <url>', 'with --format traefik: GATES_LISTEN as Traefik reaches it').default(
        'http://gates.lan:8420',
      ),
    )
    .action(async (_, command: Command) =>
      exit((await import('./outputs.ts')).outputs(command.optsWithGlobals())),
    );

  gates
    .command('run')
    .description('the daemon: applies on a push, on the schedule, on SIGHUP')
    .addHelpText('after', runVariables)
    .action(async () => endWith((await import('./run.ts')).run(new URL('read-config.js', import.meta.url))));

  gates
    .command('status')
    .description('what the daemon does, and what it needs from a person')
    .addOption(output())
    .option('--url <url>', 'ask the daemon at this address (its GATES_LISTEN), not the state directory')
    .action(async (_, command: Command) =>
      exit((await import('./status.ts')).status(command.optsWithGlobals())),
    );

  gates
    .command('pause')
    .description(
      'write nothing to Cloudflare and Authentik until `gates resume`: the daemon looks and tells alone',
    )
    .addOption(new Option('--reason <text>', 'why, for those who find it paused').makeOptionMandatory())
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('./pause.ts')).pause(command.optsWithGlobals())),
    );

  gates
    .command('resume')
    .description('end a pause: what was pushed meanwhile is put in force, what was changed by hand put right')
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('./pause.ts')).resume(command.optsWithGlobals())),
    );

  const history = gates
    .command('history')
    .description('what the runs did, newest first')
    .addOption(output())
    .addOption(new Option('--service <name>', 'only runs that did something for this service, or failed to'))
    .option('--since <time>', 'no older ones: 12h, 2d, or a date')
    .action(async (_, command: Command) =>
      exit((await import('./history.ts')).history(command.optsWithGlobals())),
    );
  history
    .command('verify')
    .description('whether every run is there as it was written: 0 whole, 1 broken')
    .action(async (_, command: Command) =>
      exit((await import('./history.ts')).verifyHistory(command.optsWithGlobals())),
    );

  gates
    .command('schema')
    .description('print the JSON Schema of gates.yaml')
    .action(async () => exit((await import('./schema.ts')).printSchema()));

  gates
    .command('completion')
    .description('print what makes a shell complete commands and options')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => exit((await import('./completion.ts')).completion(gates, shell)));

  gates
    .command('sandbox')
    .description('a Cloudflare, an Authentik and an edge on this machine, to rehearse against')
    .option('--json', 'one line of JSON instead of export lines', false)
    .option('--zone <name>', 'a zone of the first world; repeatable', collect, [])
    .addOption(
      new Option('--plan <plan>', 'plan of every zone')
        .choices(['free', 'pro', 'business', 'enterprise'])
        .default('free'),
    )
    .option('--delay <ms>', 'milliseconds before every answer of an API', number, 0)
    .option('--settle <ms>', 'milliseconds until connectors and outposts run what was written', number, 0)
    .option(
      '--lag <lag>',
      'until the edge knows what was written: 5000 (ms), random:0-30000, access=5000,records=2000',
    )
    .addOption(
      new Option('--cache <state>', "whether the edge keeps files as Cloudflare's cache does").choices([
        'off',
        'on',
      ]),
    )
    .addOption(
      new Option('--fresh-tunnels <state>', 'whether a connector runs a tunnel that is made')
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
      new Option('--as <file>', 'behave as the account that `gates conformance --json` has asked').conflicts([
        'plan',
        'settle',
        'lag',
        'cache',
      ]),
    )
    .option('--canary <text>', 'put this text into every secret it makes')
    .option('--state <file>', 'go on from this file where it exists, and put it away there at the end')
    .action(async ({ zone, authentik, cache, ...options }) =>
      exit(
        (await import('./sandbox.ts')).sandbox({
          ...options,
          authentikVersion: authentik,
          ...(cache === undefined ? {} : { cache: cache === 'on' }),
          ...(zone.length === 0 ? {} : { zones: zone }),
        }),
      ),
    );

  gates
    .command('demo')
    .description('the whole story on the sandbox, in under a minute')
    .option('--keep', 'leave it running to play with', false)
    .action(async (_, command: Command) => exit((await import('./demo.ts')).demo(command.optsWithGlobals())));

  for (const name of unbuilt) {
    gates
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        tell(`error: \`gates ${name}\` is not built in version ${version}. \`gates --help\` lists what is`);
        process.exitCode = 1;
      });
  }
  return gates;
}

const runVariables = `
It takes no options, but these variables; docs/environment.md has all of them:
  GATES_REPOSITORY, GATES_BRANCH, GATES_FILE   what it watches
  CLOUDFLARE_API_TOKEN, GATES_GIT_TOKEN        what it may do
  GATES_WEBHOOK_SECRET, GATES_HOOKS_LISTEN     how a push reaches it
  GATES_LISTEN, GATES_STATE_DIR                where it answers, where it remembers`;

const unbuilt = ['why', 'import', 'export', 'vault'];

async function exit(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/** For the daemon: a step that does not end in the time that SIGTERM leaves it must not keep the process. */
async function endWith(code: Promise<number>): Promise<void> {
  process.exit(await code);
}

try {
  await program().parseAsync();
} catch (error) {
  tellError(error);
  process.exitCode = 1;
}
