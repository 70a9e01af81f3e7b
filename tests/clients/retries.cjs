// Sends as many deployments as the first argument says, one after another, with retries switched on.
// Prints how many of them got an id of their own.
const { client, v2 } = require('@datadog/datadog-api-client');

async function main() {
  const configuration = client.createConfiguration({
    baseServer: new client.BaseServerConfiguration(process.env.ADDRESS, {}),
    authMethods: { apiKeyAuth: process.env.DD_API_KEY, appKeyAuth: process.env.DD_APP_KEY },
    enableRetry: true,
  });
  const dora = new v2.DORAMetricsApi(configuration);
  const ids = new Set();
  for (let number = 0; number < Number(process.argv[2]); number += 1) {
    const startedAt = 1741780000000 + number * 60000;
    const attributes = { service: 'shopist', startedAt, finishedAt: startedAt + 1000 };
    ids.add((await dora.createDORADeployment({ body: { data: { attributes } } })).data.id);
  }
  console.log(JSON.stringify(ids.size));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
