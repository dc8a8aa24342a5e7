import { Argument, Command, CommanderError, Option } from 'commander';
import type { Shell } from './completion.ts';
import { heedColumns } from './surroundings/columns.ts';
import {
  allow,
  collect,
  file,
  number,
  output,
  service,
  unverified,
  verbose,
} from './surroundings/options.ts';
import { tell, tellError } from './surroundings/terminal.ts';
import { UsageError, usageExitCode } from './surroundings/usage-error.ts';
import { version } from './surroundings/version.ts';

/**
 * Every command and its options. A command's own code is loaded when it is called, so that `gates validate`
 * pays for no SDK and no daemon.
 */
function program(): Command {
  const gates = new Command('gates')
    .description(
      'One YAML file decides who can open each of your hostnames. gates keeps Cloudflare and Authentik in step with it.',
    )
    .version(version)
    .option('--no-color', 'no color (also NO_COLOR)')
    .option('-q, --quiet', 'print only what matters', false)
    .configureHelp({ showGlobalOptions: true })
    .showHelpAfterError('(`gates --help` lists the commands)')
    .addHelpText('afterAll', `\nExit code ${usageExitCode}: the command line is wrong, and nothing was done.`)
    // Commands inherit it, so it comes before them. What the parser had to say is printed by then.
    .exitOverride();

  gates
    .command('validate')
    .description('check the file, offline; exit codes: 0 = valid, 1 = mistakes')
    .addOption(file())
    .addOption(output('github', 'sarif'))
    .action(async (_, command: Command) =>
      exit((await import('./commands/validate.ts')).validate(command.optsWithGlobals())),
    );

  gates
    .command('plan')
    .description('show what would change; exit codes: 0 = no changes, 2 = changes, 1 = error')
    .addOption(file())
    .addOption(output('markdown'))
    .addOption(service())
    .addOption(allow())
    .addOption(unverified())
    .addOption(verbose())
    .option('--adopt', 'include taking over objects without a mark', false)
    .option('--save <file>', 'save the plan for `gates apply --plan`')
    .option(
      '--rehearse',
      'try the plan on a copy of the live systems, with every call failing in turn',
      false,
    )
    .addOption(new Option('--seed <n>', 'with --rehearse: repeat an earlier rehearsal').argParser(number))
    .action(async (_, command: Command) =>
      exit((await import('./commands/plan.ts')).plan(command.optsWithGlobals())),
    );

  gates
    .command('comment')
    .description('post the plan as a comment on a pull request, or update the comment')
    .addOption(file())
    .addOption(new Option('--pull <n>', 'number of the pull request').argParser(number).makeOptionMandatory())
    .addOption(
      new Option('--forge <forge>', 'the forge; default: from the CI job or GATES_REPOSITORY').choices([
        'github',
        'gitlab',
        'gitea',
        'forgejo',
      ]),
    )
    .option('--from <file>', 'output of `gates plan --output markdown`, - for stdin; default: make the plan')
    .action(async (_, command: Command) =>
      exit((await import('./commands/comment.ts')).comment(command.optsWithGlobals())),
    );

  gates
    .command('apply')
    .description(
      'show the plan, ask, and apply it; exit codes: 0 = all done, 1 = something failed, was skipped or refused',
    )
    .addOption(file())
    .addOption(output())
    .addOption(service())
    .addOption(allow())
    .addOption(unverified())
    .addOption(verbose())
    .option('-y, --yes', 'do not ask', false)
    .option('--adopt', 'take over objects without a mark', false)
    .addOption(
      new Option(
        '--plan <file>',
        'apply this saved plan, or nothing if the live systems have changed since',
      ).conflicts(['adopt', 'allow', 'service', 'unverified']),
    )
    .addOption(
      new Option(
        '--revision <commit>',
        'apply this commit of the branch, and keep it until the branch moves on',
      ).conflicts(['plan', 'service']),
    )
    .action(async (_, command: Command) =>
      exit((await import('./commands/apply.ts')).apply({ ...command.optsWithGlobals(), adoptOnly: false })),
    );

  gates
    .command('adopt')
    .description('take over existing objects without a mark that the file names; change nothing else')
    .addOption(file())
    .addOption(output())
    .addOption(service())
    .addOption(verbose())
    .option('-y, --yes', 'do not ask', false)
    .action(async (_, command: Command) =>
      exit(
        (await import('./commands/apply.ts')).apply({
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
    .description(
      'check every gate from outside, change nothing; exit codes: 0 = all as the file says, 1 = not',
    )
    .addOption(file())
    .addOption(output())
    .addOption(new Option('--service <name>', 'only this service'))
    .option('--inside', 'ask the origins directly, without Cloudflare: for diagnosis only', false)
    .action(async (_, command: Command) =>
      exit((await import('./commands/probe.ts')).probe(command.optsWithGlobals())),
    );

  gates
    .command('why')
    .description(
      'explain who gets in at a URL, layer by layer, change nothing; exit codes: 0 = answered, 1 = error',
    )
    .argument('<url>', 'https://HOST/PATH; a host alone: who gets in at each of its paths')
    .addOption(file())
    .addOption(output())
    .option('--anonymous', 'a visitor without a login and without a token (the default)')
    .option('--as <address>', 'a person with this email address')
    .option('--groups <names>', 'a person in these groups of Authentik, separated by commas')
    .option('--token <name>', 'a machine with this service token, or with a token of this client')
    .option('--method <method>', 'method of the request', 'GET')
    .option('--from <state>', 'live, file, or plan:STEP with a number of `gates plan --verbose`', 'live')
    .action(async (url: string, _, command: Command) =>
      exit((await import('./commands/why.ts')).why({ ...command.optsWithGlobals(), url })),
    );

  gates
    .command('doctor')
    .description(
      'find what may keep gates from working, change nothing; exit codes: 0 = no problem, 1 = one or more',
    )
    .addOption(file())
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('./commands/doctor.ts')).doctor(command.optsWithGlobals())),
    );

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
      exit((await import('./commands/conformance.ts')).conformance(command.optsWithGlobals())),
    );

  gates
    .command('rotate')
    .description(
      'give a service token a new secret, or a client a new signing key, without locking anybody out',
    )
    .argument('<name>', 'a name of serviceTokens or clients; of both: serviceTokens.NAME, clients.NAME')
    .addOption(file())
    .option('--settle <s>', 'seconds that the edge gets to learn a new key before the key signs', number, 30)
    .action(async (name: string, _, command: Command) =>
      exit((await import('./commands/rotate.ts')).rotate({ ...command.optsWithGlobals(), name })),
    );

  gates
    .command('outputs')
    .description('print what applications and origins need to know about their gates, never a secret')
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
      exit((await import('./commands/outputs.ts')).outputs(command.optsWithGlobals())),
    );

  gates
    .command('run')
    .description('run the daemon: it applies after a push, on a schedule, and on SIGHUP')
    .addHelpText('after', runVariables)
    .action(async () =>
      endWith((await import('./commands/run.ts')).run(new URL('read-config.js', import.meta.url))),
    );

  gates
    .command('status')
    .description('show what the daemon does, and what it needs from you')
    .addOption(output())
    .option(
      '--url <url>',
      'ask the daemon at this address (its GATES_LISTEN) instead of reading the state folder',
    )
    .option('--web', 'print the address of the status page, and nothing else')
    .action(async (_, command: Command) =>
      exit((await import('./commands/status.ts')).status(command.optsWithGlobals())),
    );

  gates
    .command('pause')
    .description(
      'write nothing to Cloudflare and Authentik until `gates resume`; the daemon still checks and reports',
    )
    .addOption(new Option('--reason <text>', 'why, for people who find gates paused').makeOptionMandatory())
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('./commands/pause.ts')).pause(command.optsWithGlobals())),
    );

  gates
    .command('resume')
    .description('end a pause: apply what was pushed meanwhile, and revert what was changed by hand')
    .addOption(output())
    .action(async (_, command: Command) =>
      exit((await import('./commands/pause.ts')).resume(command.optsWithGlobals())),
    );

  const history = gates
    .command('history')
    .description('list what the runs did, newest first')
    .addOption(output())
    .addOption(
      new Option('--service <name>', 'only runs that changed something for this service, or tried to'),
    )
    .option('--since <time>', 'no older ones: 12h, 2d, or a date')
    .action(async (_, command: Command) =>
      exit((await import('./commands/history.ts')).history(command.optsWithGlobals())),
    );
  history
    .command('verify')
    .description('check that nobody changed or removed an entry; exit codes: 0 = intact, 1 = broken')
    .action(async (_, command: Command) =>
      exit((await import('./commands/history.ts')).verifyHistory(command.optsWithGlobals())),
    );

  gates
    .command('schema')
    .description('print the JSON Schema of gates.yaml')
    .action(async () => exit((await import('./commands/schema.ts')).printSchema()));

  gates
    .command('completion')
    .description('print the script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(['bash', 'zsh', 'fish']))
    .action(async (shell: Shell) => exit((await import('./completion.ts')).completion(gates, shell)));

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
    .option('--canary <text>', 'put this text into every secret that the sandbox makes')
    .option('--state <file>', 'load the world from this file if it exists, and save it there at the end')
    .action(async ({ zone, authentik, cache, ...options }) =>
      exit(
        (await import('./commands/sandbox.ts')).sandbox({
          ...options,
          authentikVersion: authentik,
          ...(cache === undefined ? {} : { cache: cache === 'on' }),
          ...(zone.length === 0 ? {} : { zones: zone }),
        }),
      ),
    );

  gates
    .command('demo')
    .description('play the main job on the sandbox, in under a minute')
    .option('--keep', 'leave the sandbox and the daemon running', false)
    .action(async (_, command: Command) =>
      exit((await import('./commands/demo.ts')).demo(command.optsWithGlobals())),
    );

  for (const name of unbuilt) {
    gates
      .command(name, { hidden: true })
      .allowUnknownOption()
      .allowExcessArguments()
      .action(() => {
        tell(`error: \`gates ${name}\` is not built in version ${version}. \`gates --help\` lists what is`);
        process.exitCode = usageExitCode;
      });
  }
  return gates;
}

const runVariables = `
It takes no options. It reads these variables; docs/environment.md has all of them:
  GATES_REPOSITORY, GATES_BRANCH, GATES_FILE   what it follows
  CLOUDFLARE_API_TOKEN, GATES_GIT_TOKEN        what it may do
  GATES_WEBHOOK_SECRET, GATES_HOOKS_LISTEN     how a push reaches it
  GATES_LISTEN, GATES_STATE_DIR                where it answers, where it keeps its state`;

const unbuilt = ['import', 'export', 'vault'];

async function exit(code: number | Promise<number>): Promise<void> {
  process.exitCode = await code;
}

/** For the daemon: a step that does not end in the time that SIGTERM leaves it must not keep the process. */
async function endWith(code: Promise<number>): Promise<void> {
  process.exit(await code);
}

try {
  heedColumns(process.env);
  await program().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // 0 for --help and --version.
    process.exitCode = error.exitCode === 0 ? 0 : usageExitCode;
  } else {
    tellError(error);
    process.exitCode = error instanceof UsageError ? usageExitCode : 1;
  }
}
