"""A GRU over rows of different lengths that never computes on padding."""

import numpy as np
import torch
from torch import Tensor, nn
from torch.amp import custom_bwd, custom_fwd
from torch.nn.utils.rnn import PackedSequence

from mtser.ragged import Ragged


class RaggedGRU(nn.GRU):
    """One-directional, one-layer GRU whose state starts at zero in every row.

    Rows are run longest first, so that at step t only the rows that still have a frame are computed
    (``PackedSequence``'s order). On a GPU this is cuDNN's packed GRU. On a CPU PyTorch's packed GRU spends most of its
    time on bookkeeping for autograd, so there the same recursion runs with its backward pass written out, equal to
    float precision.

    Parameters
    ----------
    input_size, hidden_size
        Of a frame and of the state.

    Example
    -------
    >>> frames = Ragged(torch.randn(7, 39), np.array([3, 4]))
    >>> states, order = RaggedGRU(39, 50)(frames)
    >>> states.shape, order.tolist()  # the frames in running order: first those of step 0, then those of step 1, ...
    (torch.Size([7, 50]), [3, 0, 4, 1, 5, 2, 6])
    """

    def __init__(self, input_size: int, hidden_size: int) -> None:
        super().__init__(input_size, hidden_size, batch_first=True)

    def forward(self, rows: Ragged) -> tuple[Tensor, np.ndarray]:  # type: ignore[override]
        """Run over all rows.

        Parameters
        ----------
        rows
            ``values [frames, input_size]``; no row may be empty.

        Returns
        -------
        states
            ``[frames, hidden_size]`` in running order.
        order
            ``[frames]``: ``states[i]`` belongs to ``rows.values[order[i]]``.
        """
        longest_first = np.argsort(-rows.lengths, kind="stable")
        lengths, starts = rows.lengths[longest_first], rows.starts[longest_first]
        # How many rows have a frame at step t: lengths fall, so it is the place where -t would be put in.
        running = np.searchsorted(-lengths, -np.arange(lengths[0]), side="left")
        order = np.concatenate([starts[:n] + step for step, n in enumerate(running)])
        frames = rows.values[torch.from_numpy(order).to(rows.values.device, non_blocking=True)]
        if frames.is_cuda:
            return super().forward(PackedSequence(frames, torch.from_numpy(running)))[0].data, order
        weights = (self.weight_ih_l0, self.weight_hh_l0, self.bias_ih_l0, self.bias_hh_l0)
        return _RunGRU.apply(frames, *weights, running.tolist()), order


class _RunGRU(torch.autograd.Function):
    """PyTorch's GRU (reset gate r, update gate z, candidate n) over frames in running order.

    r = σ(W_ir x + b_ir + W_hr h + b_hr), z = σ(W_iz x + b_iz + W_hz h + b_hz),
    n = tanh(W_in x + b_in + r ∘ (W_hn h + b_hn)), h' = (1 − z) ∘ n + z ∘ h.
    """

    @staticmethod
    @custom_fwd(device_type="cpu", cast_inputs=torch.float32)
    def forward(ctx, frames, weight_x, weight_h, bias_x, bias_h, running):  # type: ignore[no-untyped-def]
        n_frames, size = len(frames), weight_h.shape[1]
        from_x = torch.addmm(bias_x, frames, weight_x.t())
        weight_h_t = weight_h.t().contiguous()
        states, candidates, inner = (frames.new_empty(n_frames, size) for _ in range(3))
        gates = frames.new_empty(n_frames, 2 * size)  # r beside z
        state = frames.new_zeros(running[0], size)
        begin = 0
        for n in running:
            now = slice(begin, begin + n)
            x, before = from_x[now], state[:n]
            h = torch.addmm(bias_h, before, weight_h_t)
            gate = torch.add(x[:, : 2 * size], h[:, : 2 * size], out=gates[now]).sigmoid_()
            inner[now] = h[:, 2 * size :]
            candidate = torch.addcmul(x[:, 2 * size :], gate[:, :size], inner[now], out=candidates[now]).tanh_()
            state = torch.lerp(candidate, before, gate[:, size:], out=states[now])
            begin += n
        ctx.running = running
        ctx.save_for_backward(frames, weight_x, weight_h, states, gates, candidates, inner)
        return states

    @staticmethod
    @custom_bwd(device_type="cpu")
    def backward(ctx, grad_states):  # type: ignore[no-untyped-def]
        frames, weight_x, weight_h, states, gates, candidates, inner = ctx.saved_tensors
        running, size = ctx.running, weight_h.shape[1]
        grad_x, grad_h = (frames.new_empty(len(frames), 3 * size) for _ in range(2))
        before = frames.new_zeros(len(frames), size)  # the state that each frame started from
        before[running[0] :] = torch.cat(
            [states[begin : begin + n] for begin, n in zip(np.cumsum([0, *running]), running[1:], strict=False)]
            or [states[:0]]
        )
        reset, update = gates[:, :size], gates[:, size:]
        # Everything that does not depend on the gradient of the state is computed for all frames at once.
        to_candidate = (1 - update) * (1 - candidates * candidates)
        to_update = (before - candidates) * update * (1 - update)
        to_reset = inner * reset * (1 - reset)
        end, carried = len(frames), None
        for n in reversed(running):
            now = slice(end - n, end)
            grad = grad_states[now].clone()
            if carried is not None:
                grad[: len(carried)] += carried
            d_candidate = torch.mul(grad, to_candidate[now], out=grad_x[now, 2 * size :])
            torch.mul(d_candidate, to_reset[now], out=grad_x[now, :size])
            torch.mul(grad, to_update[now], out=grad_x[now, size : 2 * size])
            grad_h[now, : 2 * size] = grad_x[now, : 2 * size]
            torch.mul(d_candidate, reset[now], out=grad_h[now, 2 * size :])
            if end > running[0]:
                carried = torch.addmm(grad * update[now], grad_h[now], weight_h)
            end -= n
        grad_frames = grad_x @ weight_x if ctx.needs_input_grad[0] else None
        return grad_frames, grad_x.t() @ frames, grad_h.t() @ before, grad_x.sum(0), grad_h.sum(0), None
