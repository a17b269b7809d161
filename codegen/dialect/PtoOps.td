// All operations of the dialect `pto`.
#ifndef PTO_OPS_TD
#define PTO_OPS_TD

include "PtoViewOps.td"
include "PtoTileOps.td"
include "PtoFifoOps.td"
include "PtoSyncOps.td"
include "PtoStageOps.td"

#endif // PTO_OPS_TD
