// What MPI defines by macros that Swift cannot read. Open MPI and MPICH differ in the types, not in the names.
#if __has_include(<mpi.h>)
#include <mpi.h>
#else
#include <mpi/mpi.h>  // Debian's link to the one of them that is installed
#endif

static inline MPI_Comm cmpi_world(void) { return MPI_COMM_WORLD; }
static inline MPI_Datatype cmpi_byte(void) { return MPI_BYTE; }
static inline MPI_Datatype cmpi_float(void) { return MPI_FLOAT; }
static inline MPI_Op cmpi_sum(void) { return MPI_SUM; }
static inline const void *cmpi_in_place(void) { return MPI_IN_PLACE; }
static inline int cmpi_one_thread_at_a_time(void) { return MPI_THREAD_SERIALIZED; }
static inline MPI_Status *cmpi_no_status(void) { return MPI_STATUS_IGNORE; }

// A request as Swift can make one before it is started: a pointer with one MPI, a number with another.
typedef struct {
    MPI_Request request;
} cmpi_request;
