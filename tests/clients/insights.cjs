// Every operation of Engineering Insights by the official TypeScript client, against the server at ADDRESS.
// Prints what came back as one JSON object.
const ld = require('launchdarkly-api-typescript');

const NOW = Date.now();
const HOUR = 3600000;

async function main() {
  const configuration = new ld.Configuration({ apiKey: process.env.LD_ACCESS_TOKEN, basePath: process.env.ADDRESS });
  const deployments = new ld.InsightsDeploymentsBetaApi(configuration);
  const repositories = new ld.InsightsRepositoriesBetaApi(configuration);
  const pulls = new ld.InsightsPullRequestsBetaApi(configuration);
  const events = new ld.InsightsFlagEventsBetaApi(configuration);
  const scores = new ld.InsightsScoresBetaApi(configuration);
  const charts = new ld.InsightsChartsBetaApi(configuration);
  const place = ['default', 'production'];
  const statuses = [];
  const told = async (answer) => {
    const { status, data } = await answer;
    statuses.push(status);
    return data;
  };

  const event = { projectKey: 'default', environmentKey: 'production', applicationKey: 'web', version: 'a90a8a2' };
  await told(deployments.createDeploymentEvent({ ...event, eventType: 'started', eventTime: NOW - 2 * HOUR }));
  await told(deployments.createDeploymentEvent({ ...event, eventType: 'finished', eventTime: NOW - HOUR }));
  const listed = await told(deployments.getDeployments(...place, 'web', 5, 'pullRequests,flagReferences'));
  const one = await told(deployments.getDeployment(listed.items[0].id));
  const patched = await told(deployments.updateDeployment(one.id, [{ op: 'replace', path: '/archived', value: true }]));
  const from = new Date(NOW - 24 * HOUR).toISOString();
  const asked = await told(pulls.getPullRequests(...place, undefined, 'merged', 'x', 5, 'leadTime', '-leadTime', from));
  await told(events.getFlagEvents(...place));
  const known = await told(repositories.getInsightsRepositories('projects'));
  const mapping = { repositoryKey: process.env.REPOSITORY, projectKey: 'default' };
  await told(repositories.associateRepositoriesAndProjects({ mappings: [mapping] }));
  await told(repositories.deleteRepositoryProject(process.env.REPOSITORY, 'default'));
  const group = { name: 'G', key: 'g', projectKey: 'default', environmentKey: 'production' };
  await told(scores.createInsightGroup(group));
  await told(scores.getInsightGroups(5, 0, 'name', 'g', 'scores,metadata'));
  await told(scores.getInsightGroup('g', 'scores,environment'));
  const renamed = await told(scores.patchInsightGroup('g', [{ op: 'replace', path: '/name', value: 'H' }]));
  await told(scores.deleteInsightGroup('g'));
  const scored = await told(scores.getInsightsScores(...place));
  const drawn = await told(charts.getDeploymentFrequencyChart(...place));
  await told(charts.getLeadTimeChart(...place));
  await told(charts.getReleaseFrequencyChart(...place));
  await told(charts.getFlagStatusChart(...place));
  await told(charts.getStaleFlagsChart(...place));
  const refused = await deployments
    .createDeploymentEvent({ ...event, version: 'not a version', eventType: 'started' })
    .then(() => null, (error) => [error.response.status, error.response.data.errors[0].attribute]);
  console.log(
    JSON.stringify({
      statuses,
      durationMs: one.durationMs,
      archived: patched.archived,
      pullRequests: asked.totalCount,
      repositories: known.items.map((each) => each.key),
      renamed: renamed.name,
      scores: Object.keys(scored.scores).length,
      deployments: drawn.metadata.summary.total,
      refused,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
