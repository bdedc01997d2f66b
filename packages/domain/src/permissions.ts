import { z } from 'zod';
import { accessRules, RuleView, ruleOf } from './access/index.ts';
import { auditRules } from './audit/index.ts';
import { Ability, type Caller, type Principal, type Rule, type RulesFor, roles } from './core/index.ts';
import { identityRules } from './identity/index.ts';
import { importRules } from './imports/index.ts';
import { serviceRules } from './services/index.ts';
import { ticketRules } from './tickets/index.ts';
import { viewRules } from './views/index.ts';

/** Everybody but requesters sees how the desk runs. Of tickets the metrics tell only who may read all of them. */
const metricsRules: RulesFor = ({ role }) =>
  role === 'requester' ? [] : [{ action: 'read', subject: 'Metrics' }];

/** Every feature's rules, once. What is not here nobody may do. */
const features = [
  ticketRules,
  identityRules,
  serviceRules,
  accessRules,
  auditRules,
  importRules,
  viewRules,
  metricsRules,
];

/** What this person may do, as data. */
export const rulesFor = (principal: Principal): Rule[] => features.flatMap((rules) => rules(principal));

const abilities = new WeakMap<Principal, Ability>();

/** What a caller may do; made once for as long as the caller is remembered. */
export function abilityOf(caller: Caller): Ability {
  const known = abilities.get(caller);
  if (known) return known;
  const ability = new Ability(rulesFor(caller));
  abilities.set(caller, ability);
  return ability;
}

/** How rules name whoever asks, where they are told for everybody. */
const anybody = { id: '{me}', teamIds: ['{my teams}'] };

export const Permissions = z
  .strictObject({
    roles: z.array(z.strictObject({ role: z.enum(roles), rules: z.array(RuleView) })),
  })
  .meta({
    id: 'Permissions',
    description: 'Who may do what. `{me}` stands for the caller, `{my teams}` for the teams that they are in',
    examples: [
      {
        roles: [
          {
            role: 'requester',
            rules: [
              {
                action: 'read',
                subject: 'Ticket',
                fields: null,
                conditions: { requesterId: '{me}' },
                inverted: false,
              },
            ],
          },
        ],
      },
    ],
  });
export type Permissions = z.output<typeof Permissions>;

/** The rules of every role. */
export const listPermissions = (): Permissions => ({
  roles: roles.map((role) => ({ role, rules: rulesFor({ ...anybody, role }).map(ruleOf) })),
});
