import type { Stage } from '../stage.ts';

/** The writes of ours after which an application with a login and no binding admits everybody: a list that grows. */
export function openedBy(stage: Stage): readonly string[] {
  const { person, names, written } = stage;
  const opened: string[] = [];
  stage.watch(async () => {
    const all = await person.list('/core/applications/?superuser_full_list=true');
    const app = all.find(({ slug }) => slug === names.application);
    if (app === undefined || app.provider === null) return;
    const bindings = await person.list(`/policies/bindings/?target=${app.pk}`);
    const last = written.at(-1);
    if (!bindings.some(({ enabled, negate }) => enabled === true && negate === false))
      opened.push(`${last?.method} ${last?.path}`);
  });
  return opened;
}
