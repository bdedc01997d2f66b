import { identity, pageOf } from '@tocsin/domain';
import { noOutput, restOf } from '../rest.ts';
import { can, router } from '../trpc.ts';

const rest = restOf('Teams');
const TeamPage = pageOf(identity.Team, 'TeamPage');
const MemberPage = pageOf(identity.User, 'MemberPage');

export const teamsRouter = router({
  create: can('team.create')
    .meta(rest('POST /teams', 'Make a team', { status: 201, location: '/teams/{id}' }))
    .input(identity.CreateTeam)
    .output(identity.Team)
    .mutation(({ ctx, input }) => identity.createTeam(ctx, input)),

  list: can('team.read')
    .meta(rest('GET /teams', 'List teams, by name'))
    .input(identity.ListTeams)
    .output(TeamPage)
    .query(({ ctx, input }) => identity.listTeams(ctx, input)),

  get: can('team.read')
    .meta(rest('GET /teams/{id}', 'Get a team'))
    .input(identity.GetTeam)
    .output(identity.Team)
    .query(({ ctx, input }) => identity.getTeam(ctx, input)),

  edit: can('team.edit')
    .meta(rest('PATCH /teams/{id}', 'Rename a team'))
    .input(identity.EditTeam)
    .output(identity.Team)
    .mutation(({ ctx, input }) => identity.editTeam(ctx, input)),

  members: can('team.read')
    .meta(rest('GET /teams/{id}/members', 'List who is in a team, by name'))
    .input(identity.ListMembers)
    .output(MemberPage)
    .query(({ ctx, input }) => identity.listMembers(ctx, input)),

  addMember: can('team.edit')
    .meta(
      rest('PUT /teams/{id}/members/{userId}', 'Take a user into a team', {
        status: 204,
        description: 'For administrators, and for leads who are in the team. One who is in it already stays.',
      }),
    )
    .input(identity.TeamMember)
    .output(noOutput)
    .mutation(({ ctx, input }) => identity.addMember(ctx, input)),

  removeMember: can('team.edit')
    .meta(
      rest('DELETE /teams/{id}/members/{userId}', 'Take a user out of a team', {
        status: 204,
        description: 'For administrators, and for leads who are in the team. One who is not in it stays out.',
      }),
    )
    .input(identity.TeamMember)
    .output(noOutput)
    .mutation(({ ctx, input }) => identity.removeMember(ctx, input)),
});
