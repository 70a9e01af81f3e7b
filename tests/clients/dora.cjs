// Every DORA operation of the official TypeScript client, against the server at ADDRESS.
// Prints what came back as one JSON object. The package to use is the first argument.
const { client, v2 } = require(process.argv[2]);

const SHA = '66adc9350f2cc9b250b69abddab733dd55e1a588';

async function main() {
  const configuration = client.createConfiguration({
    baseServer: new client.BaseServerConfiguration(process.env.ADDRESS, {}),
    authMethods: { apiKeyAuth: process.env.DD_API_KEY, appKeyAuth: process.env.DD_APP_KEY },
    enableRetry: true,
  });
  const dora = new v2.DORAMetricsApi(configuration);
  const attributes = {
    service: 'shopist',
    env: 'prod',
    version: 'v1.12.07',
    startedAt: 1741780000000,
    finishedAt: 1741780060000,
    id: 'deployment-0000001',
    git: { commitSha: SHA, repositoryUrl: 'https://github.com/organization/example-repository' },
    customTags: ['language:java'],
  };
  const made = await dora.createDORADeployment({ body: { data: { attributes } } });
  const fetched = await dora.getDORADeployment({ deploymentId: made.data.id });
  const asked = {
    from: new Date(1741780000000),
    to: new Date(1741790000000),
    limit: 10,
    query: 'service:shopist',
    sort: '-finished_at',
  };
  const list = (type) => ({ body: { data: { type, attributes: asked } } });
  const listed = await dora.listDORADeployments(list('dora_deployments_list_request'));
  await dora.patchDORADeployment({
    deploymentId: made.data.id,
    body: {
      data: {
        id: made.data.id,
        type: 'dora_deployment_patch_request',
        attributes: { changeFailure: true, remediation: { id: 'eG42zNIkVjM', type: 'rollback' } },
      },
    },
  });
  if (dora.patchDORADeploymentByVersion) {
    configuration.unstableOperations['v2.patchDORADeploymentByVersion'] = true;
    await dora.patchDORADeploymentByVersion({
      body: {
        data: {
          type: 'dora_deployment_patch_request',
          attributes: { service: 'shopist', env: 'prod', version: 'v1.12.07', changeFailure: false },
        },
      },
    });
  }
  const incident = { services: ['shopist'], startedAt: 1741780000000, finishedAt: 1741780060000, severity: 'High' };
  const failure = await dora.createDORAFailure({ body: { data: { attributes: incident } } });
  const same = await dora.createDORAIncident({ body: { data: { attributes: incident } } });
  const failed = await dora.getDORAFailure({ failureId: failure.data.id });
  const failures = await dora.listDORAFailures(list('dora_failures_list_request'));
  await dora.deleteDORAFailure({ failureId: failure.data.id });
  await dora.deleteDORADeployment({ deploymentId: made.data.id });
  const left = await dora.listDORADeployments(list('dora_deployments_list_request'));
  const refused = await dora
    .createDORADeployment({ body: { data: { attributes: { service: '', startedAt: 0, finishedAt: 0 } } } })
    .then(() => null, (error) => error.code);
  console.log(
    JSON.stringify({
      id: made.data.id,
      startedAt: fetched.data.attributes.startedAt,
      finishedAt: listed.data[0].attributes.finishedAt,
      repository: fetched.data.attributes.git.repositoryId,
      failure: failed.data.attributes.startedAt,
      sameFailure: same.data.id === failure.data.id,
      failures: failures.data.length,
      left: left.data.length,
      refused,
    }),
  );
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
