import { type Command, Option } from 'commander';
import type { plan } from '../commands/plan.ts';
import {
  accountOption,
  allow,
  file,
  number,
  output,
  service,
  unverified,
  verbose,
} from '../surroundings/options.ts';
import { exit } from './exit.ts';

/** Adds the commands from a file to its changes. */
export function addChangeCommands(gates: Command): void {
  addValidate(gates);
  addPlan(gates);
  addComment(gates);
  addApply(gates);
  addAdopt(gates);
}

function addValidate(gates: Command): void {
  gates
    .command('validate')
    .description('check the file, offline; exit codes: 0 = valid, 1 = mistakes')
    .addOption(file())
    .addOption(output('github', 'sarif'))
    .action(async (_, command: Command) =>
      exit((await import('../commands/validate.ts')).validate(command.optsWithGlobals())),
    );
}

/** Options of `gates plan` that concern the changes of the file. */
const ofThePlan = ['service', 'allow', 'unverified', 'adopt', 'save', 'rehearse', 'seed'];

/** Options by which `gates plan` shows something else than the changes of the file. */
interface OtherPlans {
  readonly against?: string;
  /** Files of other owners. */
  readonly orphans?: true | readonly string[];
}

function addPlan(gates: Command): void {
  gates
    .command('plan')
    .description('show what would change; exit codes: 0 = no changes, 2 = changes, 1 = error')
    .addOption(file())
    .addOption(accountOption())
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
    .addOption(
      new Option('--against <folder>', 'show what changed in both systems since a `gates export`').conflicts(
        ofThePlan,
      ),
    )
    .addOption(
      new Option(
        '--orphans [files...]',
        'list objects with a mark that neither the file nor these files of other owners name',
      ).conflicts([...ofThePlan, 'against']),
    )
    .action(async ({ against, orphans }: OtherPlans, command: Command) => {
      const options = command.optsWithGlobals<Parameters<typeof plan>[0]>();
      if (orphans !== undefined) {
        const { planOrphans } = await import('../planning/plan-orphans.ts');
        return exit(planOrphans(orphans === true ? [] : orphans, options));
      }
      return exit(
        against === undefined
          ? (await import('../commands/plan.ts')).plan(options)
          : (await import('../exporting/plan-against.ts')).planAgainst(against, options),
      );
    });
}

function addComment(gates: Command): void {
  gates
    .command('comment')
    .description('post the plan as a comment on a pull request, or update the comment')
    .addOption(file())
    .addOption(accountOption())
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
      exit((await import('../commands/comment.ts')).comment(command.optsWithGlobals())),
    );
}

function addApply(gates: Command): void {
  gates
    .command('apply')
    .description(
      'show the plan, ask, and apply it; exit codes: 0 = all done, 1 = something failed, was skipped or refused',
    )
    .addOption(file())
    .addOption(accountOption())
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
      ).conflicts(['account', 'plan', 'service']),
    )
    .action(async (_, command: Command) =>
      exit((await import('../commands/apply.ts')).apply({ ...command.optsWithGlobals(), adoptOnly: false })),
    );
}

function addAdopt(gates: Command): void {
  gates
    .command('adopt')
    .description('take over existing objects without a mark that the file names; change nothing else')
    .addOption(file())
    .addOption(accountOption())
    .addOption(output())
    .addOption(service())
    .addOption(verbose())
    .option('-y, --yes', 'do not ask', false)
    .action(async (_, command: Command) =>
      exit(
        (await import('../commands/apply.ts')).apply({
          ...command.optsWithGlobals(),
          adopt: true,
          adoptOnly: true,
          allow: [],
          unverified: [],
        }),
      ),
    );
}
