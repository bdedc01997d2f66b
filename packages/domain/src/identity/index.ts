export { userNotFound } from './errors.ts';
export { checkLoginGrant } from './grants.ts';
export {
  ownUserOf,
  TeamMemberRow,
  TeamRow,
  teamColumns,
  teamOf,
  UserRow,
  userColumns,
  userOf,
} from './model.ts';
export { identityRules } from './permissions.ts';
export { getTeam, getUser, listMembers, listTeams, listUsers, readableTeam, readableTeams } from './read.ts';
export {
  CreateTeam,
  CreateUser,
  EditTeam,
  EditUser,
  GetTeam,
  GetUser,
  ListMembers,
  ListTeams,
  ListUsers,
  Name,
  namePrefix,
  OwnUser,
  Password,
  Team,
  TeamMember,
  User,
} from './schema.ts';
export { addMember, createTeam, editTeam, removeMember } from './teams.ts';
export {
  administratorId,
  createUser,
  type EditedUser,
  editUser,
  hasEmail,
  readable,
  readableUsers,
} from './users.ts';
